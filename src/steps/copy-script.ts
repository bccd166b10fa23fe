import { fileFunctions } from "./file-functions.ts";

/**
 * Arguments: owner ("" for none), the number of folders, the folders to create where they are
 * missing, outermost first, and for each file its path, its mode and the name of its staged content.
 * Everything is looked at before the first byte is written.
 */
export const copyScript = `${fileFunctions}
umask 077
to_owner=$1
shift

look() {
  folders=$1
  shift
  while [ "$folders" -gt 0 ]; do
    if [ -L "$1" ]; then refuse "\\"$1\\" is a symbolic link, and a folder is meant"; fi
    if [ -e "$1" ] && [ ! -d "$1" ]; then refuse "\\"$1\\" is there and is not a folder"; fi
    shift
    folders=$((folders - 1))
  done
  while [ $# -gt 0 ]; do
    look_at "$1"
    shift 3
  done
}

look "$@"
folders=$1
shift
while [ "$folders" -gt 0 ]; do
  make_folder "$1" "$to_owner"
  shift
  folders=$((folders - 1))
done
count=$(($# / 3))
while [ $# -gt 0 ]; do
  put "$HANDRAIL_FILES/$3" "$1" "$2" "$to_owner"
  shift 3
done
printf '%s\\n' "files copied: $count"
`;
