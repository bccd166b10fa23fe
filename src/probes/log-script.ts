/**
 * Both scripts look at what is under a path: a plain file, or nothing. A mark is inode, size, and a
 * checksum of the last bytes before that size, which tells a log that went on growing from one that
 * was emptied and filled again.
 */
const logFunctions = `LC_ALL=C
export LC_ALL
path=$1

trouble() {
  printf '%s\\n' "$1" >&2
  exit 3
}

# look_at FILE: sets inode and size; status 1 when nothing is there.
look_at() {
  if ! facts=$(stat -c '%i %s' -- "$1" 2>&1); then
    case $facts in
      *': No such file or directory' | *': Not a directory') return 1 ;;
    esac
    trouble "$facts"
  fi
  if [ -L "$1" ]; then trouble "\\"$1\\" is a symbolic link; name the log itself"; fi
  if [ ! -f "$1" ]; then trouble "\\"$1\\" is not a plain file"; fi
  if [ ! -r "$1" ]; then trouble "\\"$1\\" can't be read"; fi
  inode=\${facts% *}
  size=\${facts#* }
}

# print_of FILE SIZE: checksum of at most 256 bytes before SIZE.
print_of() {
  from=$(($2 > 256 ? $2 - 255 : 1))
  tail -c "+$from" -- "$1" | head -c "$(($2 - from + 1))" | cksum | tr ' ' ':'
}
`;

/** Argument: the path. Prints "none", or inode, size and checksum. */
export const logMarkScript = `${logFunctions}
if look_at "$path"; then
  printf '%s %s %s\\n' "$inode" "$size" "$(print_of "$path" "$size")"
else
  echo none
fi
`;

/**
 * Arguments: path, pattern, bytes to read at most, and the mark: inode, size, checksum ("" each
 * for none), and how many lines of one file are counted at most. First line: "none", "same", "replaced"
 * or "emptied", then how many bytes are new. Then how many of the new lines match, and the first of
 * them, if there is one. The rest of a log that was moved away in the same folder is read too.
 */
export const logAskScript = `${logFunctions}
pattern=$2 most=$3 marked_inode=$4 marked_size=$5 marked_print=$6 lines=$7

# Whoever only counts would take a pattern that grep refuses for one without a match. BusyBox looks at
# it only where there is a line.
status=0
echo | grep -a -E -e "$pattern" >/dev/null || status=$?
if [ "$status" -gt 1 ]; then exit 3; fi

# matching FILE FROM: lines from that byte on (counted from 1) that match.
matching() {
  tail -c "+$2" -- "$1" | head -c "$most" | {
    grep -a -E -m "$lines" -e "$pattern" || :
    # What is left goes nowhere, so that tail and head end without a word.
    cat >/dev/null
  }
}

if ! look_at "$path"; then
  echo none 0
  exit 0
fi
here=same
from=1
if [ -n "$marked_inode" ]; then
  if [ "$inode" != "$marked_inode" ]; then
    here=replaced
  elif [ "$size" -lt "$marked_size" ] || [ "$(print_of "$path" "$marked_size")" != "$marked_print" ]; then
    here=emptied
  else
    from=$((marked_size + 1))
  fi
fi
new=$((size - from + 1))
echo "$here $new"
# The lines themselves stay here: there may be many, and long ones.
{
if [ "$here" = replaced ]; then
  folder=\${path%/*}
  # One level, this file system, this inode: where log rotation puts the old log.
  old=$(find "\${folder:-/}/" -xdev -maxdepth 1 -type f -inum "$marked_inode" | head -n 1)
  if [ -n "$old" ] && [ -r "$old" ]; then
    if [ "$(print_of "$old" "$marked_size")" = "$marked_print" ]; then
      matching "$old" $((marked_size + 1))
    fi
  fi
fi
matching "$path" "$from"
} | awk '{ if (!n++) first = $0 } END { print n + 0; if (n) print first }'
`;
