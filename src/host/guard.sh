# The guard itself: says hello, then serves one request after the other. A request is a line with a
# length, that many bytes of shell text whose words the client has quoted, then the payload that the
# text speaks of. Each runs in a subshell, so it can't disturb the next one.

cd /
command -v setsid >/dev/null 2>&1 || { frame UNFIT "setsid(1) is missing"; exit 0; }
[ "$finder" = printf ] || [ -n "$(stat -c '%y' / 2>/dev/null)" ] ||
  { frame UNFIT "neither find -printf nor stat -c works"; exit 0; }

userland=busybox
[ "$finder" != printf ] || [ -z "$tar_flags" ] || userland=gnu
found=
for tool in $tools_asked; do
  if command -v "$tool" >/dev/null 2>&1; then found="$found $tool"; fi
done
frame HELLO "$(id -u)" "$(uname -sr)" "$userland" "$boot" "$(date +%s)" "${found# }"

while IFS= read -r length <&4; do
  case $length in '' | *[!0-9]*) exit 1 ;; esac
  request=$(exactly "$length" <&4)
  [ "${#request}" -eq "$length" ] || exit 1
  (eval "$request")
  frame DONE "$?"
done
