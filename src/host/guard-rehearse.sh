# A rehearsal: steps run in a copy that is thrown away; see docs/rehearsal.md. Sent with its request
# alone. What is here runs in the guard, and starts a process in namespaces of its own that does the
# rest. Nothing is written outside of file systems in memory which end with that process, and it ends
# with this guard, however that ends.

rehearse() { # length of the program, bytes of payload behind it
  owed=$(($1 + $2))
  for tool in unshare setpriv mount umount pivot_root mkfifo stat timeout; do
    command -v "$tool" >/dev/null 2>&1 || refuse not-rehearsable "$tool(1) is missing"
  done
  [ "$finder" = printf ] || refuse not-rehearsable "its find(1) lacks -printf, so effects could not be told"
  # A plain user is root in a user namespace, and has no rights beyond its own there.
  apart='--mount --pid --fork --kill-child=KILL'
  [ "$uid" = 0 ] || apart="--user --map-root-user $apart"
  trouble=$(unshare $apart --propagation private true 2>&1) ||
    refuse not-rehearsable "a process can't have namespaces of its own here: $(in_one_line "$trouble")"
  owed=$((owed - $1))
  program=$(exactly "$1" <&4)
  [ "${#program}" -eq "$1" ] || refuse not-rehearsable "its program was not received whole"
  quote_in "$spool"
  # Its parent may be killed as well; it looks for this guard by itself, too.
  printf '%s\n' "nonce=$nonce spool=$quoted rollout=$rollout home=/dev/null runner_epoch= guard_path='$guard_path'" \
    "whole_blocks=$whole_blocks nap=$nap finder=$finder tar_flags= boot=$boot uid=$uid gid=$(id -g)" \
    "watched=$$ watched_since=$guard_born owed=$owed surroundings=$quoted_surroundings" "$program" |
    setpriv --pdeathsig KILL unshare $apart --propagation private sh -c 'eval "$(cat)"' handrail switch >&3 5<&4
  ended=$?
  # What it has read of the payload is not known.
  [ "$ended" -eq 0 ] || exit "$ended"
}

in_one_line() { printf '%s' "$1" | tr '\n\t' '  ' | head -c 300; }
