/**
 * Arguments: what to do, and the unit. `systemctl` waits for the job; whether the service then
 * stays up is asked twice, because a service of Type=simple counts as started before it could fail.
 */
export const serviceScript = `LC_ALL=C
export LC_ALL
verb=$1 unit=$2
case $unit in
  -* | "" | *[!A-Za-z0-9:_.@\\\\-]*)
    printf '%s\\n' "\\"$unit\\" is no name of a unit" >&2
    exit 1
    ;;
esac

# The unit's own last words, for the person who reads why.
last_words() {
  systemctl status --no-pager --lines=0 -- "$unit" 2>&1 | head -n 12 >&2 || :
  if command -v journalctl >/dev/null 2>&1; then
    journalctl --unit "$unit" --no-pager --quiet --output=short-iso --lines=20 2>&1 | tail -c 4000 >&2 || :
  fi
}

# state: active, inactive, failed, activating … (systemctl(1), is-active).
state() {
  systemctl is-active -- "$unit" 2>/dev/null || :
}

# One look a second while the unit is on its way.
settled() {
  looks=60
  now=$(state)
  while [ "$looks" -gt 0 ]; do
    case $now in
      activating | deactivating | reloading | refreshing) ;;
      *) return 0 ;;
    esac
    sleep 1
    looks=$((looks - 1))
    now=$(state)
  done
}

# A oneshot that ran well is inactive afterwards, and that is as it should be.
ran_well() {
  shown=$(systemctl show --property=Type --property=Result -- "$unit" 2>/dev/null) || return 1
  case $shown in
    *Type=oneshot*) ;;
    *) return 1 ;;
  esac
  case $shown in
    *Result=success*) return 0 ;;
    *) return 1 ;;
  esac
}

if ! systemctl "$verb" -- "$unit"; then
  last_words
  printf '%s\\n' "systemctl $verb $unit failed" >&2
  exit 1
fi
settled
if [ "$verb" = stop ]; then
  case $now in
    inactive | failed) exit 0 ;;
  esac
  last_words
  printf '%s\\n' "$unit is $now after stop" >&2
  exit 1
fi
if [ "$now" = active ]; then
  sleep 1
  settled
fi
if [ "$now" = active ]; then exit 0; fi
if [ "$now" = inactive ] && ran_well; then exit 0; fi
last_words
printf '%s\\n' "$unit is \${now:-unknown} after $verb" >&2
exit 1
`;
