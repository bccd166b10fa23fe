# The process of a switch: waits until the lease is over, then goes back by itself. It was started with
# its orders: `order_receipt`, `order_count`, `order_undo` (how many of its commands come before the
# restore) and, for each command N, order_N_key, order_N_request and order_N_environment.

# Hundredths of a second that a request under way holds it back, which only one of a runner that sends no
# beats does, that one may go on which began when it decided, and that a lease may be unreadable.
busy_max=60000
ending_max=12000
unreadable_max=200

# Longest sleep in hundredths of a second: what a deadline is measured by also counts a suspend.
sleep_max=3000

tend() { # key
  # Two instances of one host may go back at the same time, each with working files of its own.
  nonce=fired$$
  switch_home=$switches/$1
  # Traps that do something are reset for what this process starts; ignored signals would not be.
  trap : HUP INT TERM
  exec 3<>"$switch_home/record.part" || exit 1
  find_start "$$"
  printf '%s %s %s\n' "$$" "$born" "$boot" >"$switch_home/.process" || exit 1
  mv -f -- "$switch_home/.process" "$switch_home/process" || exit 1
  exec 2>/dev/null
  unreadable_since=
  while [ -d "$switch_home" ] && [ ! -e "$switch_home/decision" ]; do
    tell_time
    if read_lease "$switch_home"; then
      unreadable_since=
    else
      unreadable_since=${unreadable_since:-$clock}
      [ $((clock - unreadable_since)) -ge "$unreadable_max" ] || { sleep "$nap"; continue; }
      deadline=$unreadable_since lease_epoch=0
    fi
    if [ "$clock" -lt "$deadline" ]; then
      doze $((deadline - clock))
    elif [ $((clock - deadline)) -lt "$busy_max" ] && is_anyone "busy waits"; then
      doze 25
    else
      decide "$1" fired
      case $switch in
        fired)
          let_guards_end
          fire "$1"
          ;;
        disarmed) ;;
        # No room for the decision's name: then nothing is done, for nobody could tell it afterwards.
        *) rm -f -- "$switch_home/spare"; doze 100 ;;
      esac
    fi
  done
}

doze() { # hundredths of a second
  left=$1
  [ "$left" -le "$sleep_max" ] || left=$sleep_max
  if [ "$nap" = 1 ]; then
    sleep $(((left + 99) / 100))
  else
    rest=$((left % 100))
    [ "$rest" -ge 10 ] || rest=0$rest
    sleep "$((left / 100)).$rest"
  fi
}

# A guard that has looked before the decision was there, and found none, goes on with its request. From
# now on each one that comes sees the decision, and waits.
let_guards_end() {
  tell_time
  decided_at=$clock
  while [ $((clock - decided_at)) -lt "$ending_max" ] && is_anyone busy; do
    doze 25
    tell_time
  done
}

fire() { # key
  rm -f -- "$switch_home/spare"
  durable "$switch_home/decision" "$switch_home"
  if read_lock && [ "$lock_rollout" != "$rollout" ]; then
    # Somebody gave the host to another rollout, whose work this would destroy.
    (tell_lock REFUSED locked)
  else
    go_back "$1"
  fi
  frame END
  durable "$switch_home/record.part"
  mv -f -- "$switch_home/record.part" "$switch_home/record" && durable "$switch_home"
  ! command -v logger >/dev/null 2>&1 ||
    logger -t handrail "rollout $rollout: nobody renewed the lease of $1, so it was taken back" 3>&-
  exit 0
}

go_back() { # key
  (settle_receipt "$order_receipt" 0) 3>/dev/null
  frame ENDED "$?"
  at=1
  while [ "$at" -le "$order_undo" ]; do
    obey "$at"
    at=$((at + 1))
  done
  (need_snapshot "$1"; put_back "$1" "$switch_home/rules" replace)
  frame PUT-BACK "$?"
  # Lists that a full disk has cut short look like trees with little to put back.
  head -c 65536 /dev/zero >"$switch_home/probe" && [ "$(size_of "$switch_home/probe")" = 65536 ] ||
    frame REFUSED disk-full "$spool"
  rm -f -- "$switch_home/probe"
  while [ "$at" -le "$order_count" ]; do
    obey "$at"
    at=$((at + 1))
  done
}

# Runs one of its commands as a runner's request would, under the same receipt, and notes how it ended.
obey() { # number
  eval "order_key=\$order_$1_key request=\$order_$1_request environment=\$order_$1_environment"
  { cat -- "$switch_home/$1.program"; printf '%s' "$environment"; cat -- "$switch_home/$1.files"; } |
    (
      exec 4<&0 0</dev/null 3>/dev/null
      eval "$request"
    )
  receipt_of "$order_key"
  look_at_receipt
  [ "$state" = finished ] || exit_code=
  frame COMMAND "$order_key" "$exit_code"
}
