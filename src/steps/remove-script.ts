import { fileFunctions } from "./file-functions.ts";

/**
 * Arguments: absolute paths. Each is looked at before the first is removed; a mount inside one of
 * them ends the step, because what is mounted there is in no snapshot.
 */
export const removeScript = `${fileFunctions}
# The kernel writes space, tab, newline and backslash in this list as \\\\ooo (proc(5)).
mounts() {
  if [ -r /proc/self/mounts ]; then sed 's/\\\\\\([0-7]\\)/\\\\0\\1/g' </proc/self/mounts; fi
}

look() {
  while [ $# -gt 0 ]; do
    case $1 in
      / | "") refuse "\\"$1\\" is not removed" ;;
      /*) ;;
      *) refuse "\\"$1\\" is not an absolute path" ;;
    esac
    parent=\${1%/*}
    if [ -d "\${parent:-/}" ]; then enter_parent "$1"; fi
    shift
  done
}

# inside_mount POINT PATHS: end when POINT is one of the paths or below one.
look_at_mount() {
  point=$1
  shift
  while [ $# -gt 0 ]; do
    case $point/ in
      "$1"/*) refuse "\\"$point\\" is a mount point inside \\"$1\\"; unmount it first, nothing was removed" ;;
    esac
    shift
  done
}

look "$@"
mounts | while read -r _ point _; do
  point=$(printf '%b.' "$point")
  look_at_mount "\${point%.}" "$@"
done
# GNU rm can be held to one file system; BusyBox has no word for it.
one_file_system=
if rm -f --one-file-system 2>/dev/null; then one_file_system=--one-file-system; fi
count=0
while [ $# -gt 0 ]; do
  parent=\${1%/*}
  if [ -d "\${parent:-/}" ]; then
    enter_parent "$1"
    if [ -e "./$base" ] || [ -L "./$base" ]; then
      rm -rf $one_file_system -- "./$base"
      count=$((count + 1))
    fi
  fi
  shift
done
printf '%s\\n' "paths removed: $count"
`;
