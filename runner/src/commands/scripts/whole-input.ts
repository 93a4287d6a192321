/**
 * `whole FILE BYTES`: stdin becomes FILE, all of it or none. A runner that is killed ends the connection, and its end
 * looks like the end of the content. The exit code is 1 where it was cut off, or the disk is full.
 */
export const WHOLE_INPUT = `whole() {
  cat > "$1" && [ "$(wc -c < "$1")" -eq "$2" ] && return 0
  rm -f -- "$1"; echo 'the content was cut off' >&2; return 1
}
`;
