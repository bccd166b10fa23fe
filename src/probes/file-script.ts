/**
 * Arguments: the path, and the pattern of names to count in it ("" to count nothing). Prints one
 * line: "none", or type, seconds since 1970 of its last change, the host's time, size in bytes and
 * count ("-" when nothing was counted). Follows no link. Exit code 3: could not be looked at.
 */
export const fileScript = `LC_ALL=C
export LC_ALL
path=$1 pattern=$2

trouble() {
  printf '%s\\n' "$1" >&2
  exit 3
}

if ! facts=$(stat -c '%Y %s' -- "$path" 2>&1); then
  # The end of the message only: what comes before it holds the path itself.
  case $facts in
    *': No such file or directory' | *': Not a directory')
      echo none
      exit 0
      ;;
  esac
  trouble "$facts"
fi
if [ -L "$path" ]; then
  type=link
elif [ -d "$path" ]; then
  type=folder
elif [ -f "$path" ]; then
  type=file
else
  type=other
fi
count=-
if [ "$type" = folder ] && [ -n "$pattern" ]; then
  if ! [ -r "$path" ] || ! [ -x "$path" ]; then trouble "\\"$path\\" can't be read"; fi
  count=0
  # Many names a line at a time: each line is how many there were.
  for some in $(find "$path/" -mindepth 1 -maxdepth 1 -name "$pattern" -exec sh -c 'echo $#' sh {} +); do
    count=$((count + some))
  done
fi
printf '%s %s %s %s\\n' "$type" "\${facts% *}" "$(date +%s)" "\${facts#* } $count"
`;
