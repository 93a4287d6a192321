#!/bin/sh
# Makes a Debian of another age in a folder, once: usage: make-release.sh RELEASE PACKAGES(comma-separated) FOLDER
# Two processes may ask at the same moment: the second waits for the first. The packages come from the mirror that this
# machine's apt is configured for. Exit code 0: the folder is complete and holds these packages.
set -eu
release=$1 packages=$2 folder=$3
mkdir -p -- "$(dirname -- "$folder")"
exec 9>"$folder.lock"
flock 9
[ "$(cat -- "$folder/.complete" 2>/dev/null)" = "$packages" ] && exit 0

. /etc/os-release
mirror() {
  apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' | while read -r name uri; do
    [ "$name" = "${VERSION_CODENAME:-}" ] && echo "$uri" && break
  done
}
from=$(mirror)
# Where the lists were cleaned away, apt does not name what it is configured for.
[ -n "$from" ] || { apt-get update -q >/dev/null && from=$(mirror); }
[ -n "$from" ] || { echo "apt is configured for no mirror of Debian" >&2; exit 1; }
eval "$(apt-config shell proxy Acquire::http::Proxy)"
[ -z "${proxy:-}" ] || { http_proxy=$proxy; export http_proxy; }

fresh=$folder.new
# What an earlier attempt left may still have its /proc mounted.
leave() { umount "$fresh/proc" "$fresh/sys" 2>/dev/null || true; rm -rf --one-file-system -- "$fresh"; }
leave
trap leave EXIT
debootstrap --variant=minbase --include="$packages" "$release" "$fresh" "$from" >"$folder.log" 2>&1 ||
  { tail -n 5 -- "$folder.log" >&2; exit 1; }
umount "$fresh/proc" "$fresh/sys" 2>/dev/null || true
rm -rf -- "$fresh/var/cache/apt/archives" "$fresh/var/lib/mysql" "$fresh/usr/share/doc"
printf '%s' "$packages" >"$fresh/.complete"
rm -rf --one-file-system -- "$folder"
mv -- "$fresh" "$folder"
