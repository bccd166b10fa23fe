# The guard itself: says hello, then serves one request after the other. A request is a line with a
# length, that many bytes of shell text whose words the client has quoted, then the payload that the
# text speaks of. Each runs in a subshell, so it can't disturb the next one.

cd /
if [ "${1-}" = switch ]; then
  tend "$2"
  exit 0
fi

command -v setsid >/dev/null 2>&1 || { frame UNFIT "setsid(1) is missing"; exit 0; }
[ "$finder" = printf ] || [ -n "$(stat -c '%y' / 2>/dev/null)" ] ||
  { frame UNFIT "neither find -printf nor stat -c works"; exit 0; }

userland=busybox
[ "$finder" != printf ] || [ -z "$tar_flags" ] || userland=gnu
found=
for tool in $tools_asked; do
  if command -v "$tool" >/dev/null 2>&1; then found="$found $tool"; fi
done
# What archives and copies of this host keep of no file, one thing a line; see `tell_losses`.
losses=
case $tar_flags in
  *--acls*) ;;
  *) losses='access control lists and extended attributes
' ;;
esac
[ -n "$tar_flags" ] || losses="${losses}holes of sparse files
times of symbolic links
"
system= release=
{ read -r system </proc/sys/kernel/ostype && read -r release </proc/sys/kernel/osrelease; } 2>/dev/null
[ -n "$release" ] || system=$(uname -s) release=$(uname -r)
find_scope
frame HELLO "$uid" "$system $release" "$userland" "$boot" "$(date +%s)" "${found# }" "$losses" \
  "$(prevention_fault)" "$(logout_fault)"

find_start "$$"
guard_born=$born
while IFS= read -r length <&4; do
  case $length in
    # A beat: the runner is there.
    '') renew; continue ;;
    *[!0-9]*) exit 1 ;;
  esac
  if [ "$whole_blocks" = yes ]; then
    request=$(dd bs="$length" count=1 iflag=fullblock 2>/dev/null <&4)
  else
    request=$(exactly "$length" <&4)
  fi
  [ "${#request}" -eq "$length" ] || exit 1
  (eval "$request")
  request_status=$?
  note_idle
  frame DONE "$request_status"
done
leave_switches
