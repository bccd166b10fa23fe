# What is known of the lock of this host, for people: who has it, what for, and since when nobody of them
# was heard. Only reads, but for `say_hold`. Nothing here ever takes a lock from anybody.

read_lock() {
  lock_rollout= lock_holder= lock_since=
  { read -r lock_rollout && read -r lock_holder && read -r lock_since; } 2>/dev/null <"$spool/.lock"
}

# Words for whoever meets the lock. Without room for them the lock holds all the same.
say_hold() { # holder message
  { printf '%s\n' "$1" "$2" >"$home/.holder.$nonce" && mv -f -- "$home/.holder.$nonce" "$home/holder"; } 2>/dev/null ||
    rm -f -- "$home/.holder.$nonce"
}

# A runner that keeps the lock on purpose says why, before it leaves.
keep() { # holder epoch why
  ready_spool
  read_lock || refuse not-held "$rollout"
  fence "$2"
  say_hold "$1" "$3"
  durable "$home/holder" "$home"
  frame KEPT
}

# What else is known of the lock that `read_lock` has read, as the fields of a frame: rollout, holder,
# since, message, when it was heard (seconds since 1970 by this clock), hundredths of a second since
# then and of its lease, "restarted" if this host was meanwhile, and what of that rollout is at work
# here. What is not known is empty.
tell_lock() { # kind of the frame, and fields that come before
  lock_message= lock_heard= lock_silent= lock_lease= lock_restarted=
  # Words in a file are no reason to read another folder.
  case $lock_rollout in
    '' | .* | */*) at_work= ;;
    *)
      home=$spool/$lock_rollout
      switches=$home/switches
      lock_holder_now=
      { read -r lock_holder_now && read -r lock_message; } 2>/dev/null <"$home/holder"
      lock_holder=${lock_holder_now:-$lock_holder}
      ! read_heard "$home" || measure_silence
      find_work
      ;;
  esac
  frame "$@" "$lock_rollout" "$lock_holder" "$lock_since" "$lock_message" "$lock_heard" "$lock_silent" \
    "$lock_lease" "$lock_restarted" "$at_work"
}

measure_silence() {
  lock_lease=$heard_lease
  now=$(date +%s)
  tell_time
  if [ "$heard_boot" = "$boot" ] && [ "$heard" -le "$clock" ]; then
    lock_silent=$((clock - heard))
    lock_heard=$((now - lock_silent / 100))
  else
    # The clock that beats are measured by began anew: the wall's is all that is left.
    lock_restarted=restarted
    lock_heard=$(stat -c %Y -- "$home/heard" 2>/dev/null) || lock_heard=$now
    lock_silent=$(((now - lock_heard) * 100))
    [ "$lock_silent" -ge 0 ] || lock_silent=0
  fi
}

# Ends the request: another rollout has this host.
refuse_locked() {
  [ "$owed" -eq 0 ] || exactly "$owed" <&4 >/dev/null
  tell_lock REFUSED locked
  exit 0
}

# What is at work for the rollout of `home` on this host, in `at_work`; empty: nothing.
find_work() {
  at_work=
  for receipt in "$home"/runs/*; do
    [ -d "$receipt" ] || continue
    look_at_receipt
    case $state in running | orphaned) at_work="command ${receipt##*/} still runs"; return ;; esac
  done
  for left in "$home"/switches/*; do
    number= started= booted=
    { read -r number started booted; } 2>/dev/null <"$left/process" || continue
    is_alive "$number" "$started" "$booted" || continue
    # One that was disarmed does nothing any more; its process is just ending.
    decided=
    { read -r decided; } 2>/dev/null <"$left/decision"
    [ "$decided" != disarmed ] || continue
    at_work="the dead-man switch of ${left##*/} is armed, or goes back just now"
    return
  done
  for left in "$home"/work.* "$home"/snapshots/.partial.*; do
    number= started= booted=
    { read -r number started booted; } 2>/dev/null <"$left/owner" || continue
    is_alive "$number" "$started" "$booted" || continue
    at_work="a guard of it is connected and busy"
    return
  done
  for left in "$home"/switches/.busy.*; do
    doing= number= started= booted=
    { read -r doing number started booted left; } 2>/dev/null <"$left" || continue
    [ "$doing" = busy ] && [ "$number" != "$$" ] && is_alive "$number" "$started" "$booted" || continue
    at_work="a guard of it is connected and busy"
    return
  done
}
