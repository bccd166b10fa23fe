import { fileFunctions } from "./file-functions.ts";

/**
 * Arguments: the folder, the number of name parts to strip, "renames" or "", and for each file its
 * path below the folder, its mode ("" for as it is) and its fate (there or gone).
 *
 * The patch is applied to copies in the staging folder. Only when all of it fits, and touched
 * nothing but the files that the plan knows of, do the results replace the files one by one. So a
 * hunk that fails leaves nothing half done, and neither program's habits (GNU patch removes emptied
 * folders, BusyBox forgets owners and keeps emptied files) reach the real folder.
 */
export const patchScript = `${fileFunctions}
umask 022
folder=$1 strip=$2 renames=$3
shift 3
copies=$HANDRAIL_FILES/copies
tidy() {
  if [ -n "$made" ]; then rm -f -- "$made"; fi
  rm -rf -- "$copies"
}

# no_links PATH: end when a part of the path below the folder is a symbolic link.
no_links() {
  rest=$1
  so_far=.
  while :; do
    so_far=$so_far/\${rest%%/*}
    if [ -L "$so_far" ]; then refuse "\\"$folder/$1\\" passes through a symbolic link"; fi
    case $rest in
      */*) rest=\${rest#*/} ;;
      *) break ;;
    esac
  done
  look_at "./$1"
}

# make_folders PATH: the folders on the way to a file that is new.
make_folders() {
  rest=$1
  so_far=\${folder%/}
  while :; do
    case $rest in
      */*) so_far=$so_far/\${rest%%/*} rest=\${rest#*/} ;;
      *) break ;;
    esac
    make_folder "$so_far" ""
  done
}

take_copies() {
  while [ $# -gt 0 ]; do
    no_links "$1"
    case $1 in
      */*) mkdir -p -- "$copies/\${1%/*}" ;;
    esac
    if [ -e "./$1" ]; then
      cat <"./$1" >"$copies/$1"
    fi
    shift 3
  done
}

# check_results: all that the patch was to leave is there, all that it was to take is gone, and
# nothing else appeared.
check_results() {
  known=0
  while [ $# -gt 0 ]; do
    if [ "$3" = there ] && [ ! -f "$copies/$1" ]; then
      refuse "the patch left no \\"$1\\"; nothing was changed"
    fi
    if [ "$3" = gone ] && [ -s "$copies/$1" ]; then
      refuse "the patch did not empty \\"$1\\", which it is to delete; nothing was changed"
    fi
    if [ -f "$copies/$1" ]; then known=$((known + 1)); fi
    shift 3
  done
  for count in $(find "$copies" -type f -exec sh -c 'echo $#' sh {} +); do
    known=$((known - count))
  done
  if [ "$known" -ne 0 ]; then refuse "the patch writes files that the plan did not see; nothing was changed"; fi
}

put_results() {
  while [ $# -gt 0 ]; do
    path=\${folder%/}/$1
    if [ "$3" = gone ]; then
      enter_parent "$path"
      rm -f -- "./$base"
    else
      make_folders "$1"
      enter_parent "$path"
      mode=644
      if [ -e "./$base" ]; then mode=$(stat -c %a -- "./$base"); fi
      if [ -e "./$base" ] && [ -z "$2" ] && cmp -s -- "$copies/$1" "./$base"; then
        :
      else
        put "$copies/$1" "$path" "\${2:-$mode}" ""
      fi
    fi
    shift 3
  done
}

enter "$folder"
mkdir -- "$copies"
take_copies "$@"
cd -- "$copies"
# Without fuzz, as BusyBox: a hunk may stand at other lines, but what surrounds it must be the same.
# What else stands between the hunks can't do harm: only the plan's files are here to be found.
if patch --version 2>/dev/null | grep -q 'GNU patch'; then
  patch -p "$strip" --forward --batch --fuzz=0 --no-backup-if-mismatch --reject-file=- \\
    -i "$HANDRAIL_FILES/diff" </dev/null || refuse "the patch does not fit \\"$folder\\"; nothing was changed"
elif [ -n "$renames" ]; then
  refuse "the patch renames or copies files, and the patch program here is not GNU patch; nothing was changed"
else
  patch -p "$strip" -N -i "$HANDRAIL_FILES/diff" </dev/null ||
    refuse "the patch does not fit \\"$folder\\"; nothing was changed"
fi
check_results "$@"
put_results "$@"
`;
