#!/bin/sh
# Runs jest; the words are its own. Below runner/test hundreds of worlds are made, looked at and thrown away. As root, on
# a machine with memory to spare, they lie in memory: a tmpfs over /tmp/understudy that only this run sees, and that is
# gone with the last process of the run, however that ends. TMPDIR, where it is set, says where they lie instead.
set -u
cd "$(dirname "$0")/../.." || exit 1

# Megabytes that this machine has left, or the container around us has at all.
room() {
  {
    cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes
    awk '/^MemAvailable:/ { printf "%.0f\n", $2 * 1024 }' /proc/meminfo
  } 2>/dev/null | awk '/^[0-9]+$/ && (least == "" || $1 < least) { least = $1 } END { printf "%d\n", least / 1048576 }'
}
worlds=/tmp/understudy
apart='unshare --mount --propagation slave'

set -- node --experimental-vm-modules --no-warnings=ExperimentalWarning node_modules/jest/bin/jest.js "$@"
if [ -n "${TMPDIR:-}" ] || [ "$(id -u)" != 0 ] || [ "$(room)" -lt 6000 ] || ! $apart true 2>/dev/null; then
  exec "$@"
fi
mkdir -p "$worlds"
# shellcheck disable=SC2016
exec $apart sh -c '
  worlds=$1 size=$2
  shift 2
  if mount -t tmpfs -o "size=${size}m,mode=1777" understudy-tests "$worlds"; then
    # What is made once and copied outlives the run.
    UNDERSTUDY_TEMPLATES=/tmp TMPDIR=$worlds
    export UNDERSTUDY_TEMPLATES TMPDIR
  fi
  exec "$@"' sh "$worlds" "$(($(room) / 2))" "$@"
