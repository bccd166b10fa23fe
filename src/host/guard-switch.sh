# Dead-man switches. $home/switches/KEY/ holds
#   disarmed, fired      one word each: link(2) of one of them to `decision` decides for ever
#   lease                "deadline deadline length epoch" in hundredths of a second: see renew.sh
#   process              "pid start-time boot" of the process that waits, once it is ready
#   rules                how far each tree goes back
#   N.program, N.files   of its commands; their words and environments are only in the process's memory
#   record.part          what it did, as frames; its room is taken before the step
#   record               the same when everything is done; made by rename(2)
# and beside them what guard-presence.sh keeps of each guard.

# Bytes of the record that are written over in place, so that no full disk can keep it from being told,
# and bytes that are given back to the disk when a switch fires: it needs some for its work.
record_room=65536
spare_room=1048576

# Hundredths of a second that a switch may take to be ready.
ready_max=1000

# What became of the switch $1, in `switch`: none | armed | dead | disarmed | fired. Armed: its process
# is there. Dead: it was, and has decided nothing.
switch_state() {
  switch=none
  switch_home=$switches/$1
  decided=
  { read -r decided; } 2>/dev/null <"$switch_home/decision"
  case $decided in disarmed | fired) switch=$decided; return ;; esac
  waiting= waiting_since= waiting_boot=
  { read -r waiting waiting_since waiting_boot; } 2>/dev/null <"$switch_home/process" || return 0
  switch=dead
  ! is_alive "$waiting" "$waiting_since" "$waiting_boot" || switch=armed
}

# Decides, unless that was done before; `switch` says what holds for ever.
decide() { # key, disarmed or fired
  ln -- "$switches/$1/$2" "$switches/$1/decision" 2>/dev/null
  switch_state "$1"
}

# The word is there whole, or it is no candidate.
make_candidate() { # word
  candidate=
  { read -r candidate; } 2>/dev/null <"$switch_home/$1"
  [ "$candidate" = "$1" ] || echo "$1" >"$switch_home/$1"
}

# key epoch lease, lengths of orders and rules, then of program and files of each command. Payload: the
# orders (shell text that sets what the process needs), the rules, program and files of each command.
arm() {
  key=$1 epoch=$2 lease_length=$3 orders_length=$4 rules_length=$5
  shift 5
  owed=$((orders_length + rules_length))
  for length do owed=$((owed + length)); done
  fence "$epoch"
  epoch=${epoch:-0}
  switch_state "$key"
  case $switch in
    none) need_snapshot "$key" ;;
    dead) [ "$waiting_boot" = "$boot" ] || refuse restarted "$key" ;;
    disarmed | fired) ;;
  esac
  case $switch in none | dead) lay_switch "$@" ;; esac
  [ "$owed" -eq 0 ] || exactly "$owed" <&4 >/dev/null
  owed=0
  hear_beats
  case $switch in
    none | armed | dead)
      # Arming may take longer than the lease that it begins with. A guard that renews leases is never
      # without its note: see `forget_dead_guards`.
      note_busy busy || lack_room
      tell_time
      write_lease "$switch_home" $((clock + lease_length)) "$lease_length" "$epoch" || lack_room
      echo "$key $epoch" >>"$switches/.armed-by.$nonce" || lack_room
      [ "$switch" = armed ] || start_switch
      switch_state "$key"
      ;;
  esac
  case $switch in
    armed) frame ARMED ;;
    disarmed) frame DISARMED ;;
    fired) tell_fired "$key" ;;
    *) refuse unready "$key" "its process has ended" ;;
  esac
}

lack_room() {
  reason=$(true_reason disk-full)
  # A switch that was never armed leaves nothing.
  [ "$switch" != none ] || rm -rf -- "$switch_home"
  refuse_for "$reason" "$spool"
}

lay_switch() { # lengths of program and files, again and again
  need_folder "$switch_home"
  owed=$((owed - orders_length))
  orders=$(exactly "$orders_length" <&4)
  [ "${#orders}" -eq "$orders_length" ] || refuse unready "$key" "its orders were not received whole"
  receive "$switch_home/rules" "$rules_length" || lack_room
  count=0
  while [ $# -gt 0 ]; do
    count=$((count + 1))
    receive "$switch_home/$count.program" "$1" && receive "$switch_home/$count.files" "$2" || lack_room
    shift 2
  done
  make_candidate disarmed && make_candidate fired || lack_room
  head -c "$record_room" /dev/zero >"$switch_home/record.part" || lack_room
  head -c "$spare_room" /dev/zero >"$switch_home/spare" || lack_room
}

# Starts the process that waits, and returns when it does. It gets the guard's own text and its orders
# in memory alone: they hold secrets.
start_switch() {
  printf '%s\n' "$orders" \
    "whole_blocks=$whole_blocks nap=$nap finder=$finder tar_flags='$tar_flags' boot=$boot uid=$uid scoped='$scoped'" \
    "surroundings=$quoted_surroundings" "$guard_text" |
    setsid $scoped sh -c 'eval "$(cat)"' handrail switch "$key" >/dev/null 2>"$switch_home/trouble" 3>&- 4<&- &
  starting=$!
  tell_time
  ready_until=$((clock + ready_max))
  while switch_state "$key" && [ "$switch" != armed ]; do
    tell_time
    if [ "$clock" -ge "$ready_until" ] || ! find_start "$starting"; then
      # It may have become ready, and even fired, at this very moment.
      switch_state "$key"
      case $switch in none | dead) ;; *) return ;; esac
      trouble=$(tail -c 1000 "$switch_home/trouble")
      refuse unready "$key" "${trouble:-"its process did not start"}"
    fi
    sleep 0.02 2>/dev/null || sleep 1
  done
  durable "$switch_home"/* "$switch_home" "$switches" "$home"
}

# See Guard.disarm. A switch that was never armed can't be armed afterwards.
disarm() { # key epoch
  fence "$2"
  switch_state "$1"
  if [ "$switch" = none ]; then
    need_folder "$switch_home"
    make_candidate disarmed || lack_room
    durable "$switch_home/disarmed"
  fi
  stand_down "$1"
  case $switch in
    disarmed) frame DISARMED ;;
    fired) tell_fired "$1" ;;
    *) lack_room ;;
  esac
}

# Decides against firing, if that can still be decided, and ends the process that waits for nothing now.
stand_down() { # key
  case $switch in disarmed | fired) return ;; esac
  decide "$1" disarmed
  case $switch in
    none | dead | armed)
      # The decision's name had no room.
      rm -f -- "$switch_home/spare"
      decide "$1" disarmed
      ;;
  esac
  [ "$switch" = disarmed ] || return 0
  rm -f -- "$switch_home/spare" "$switch_home/record.part" "$switch_home"/*.program "$switch_home"/*.files
  durable "$switch_home/decision" "$switch_home"
  waiting= waiting_since= waiting_boot=
  ! { read -r waiting waiting_since waiting_boot; } 2>/dev/null <"$switch_home/process" ||
    ! is_alive "$waiting" "$waiting_since" "$waiting_boot" || kill -KILL "-$waiting" 2>/dev/null
}

# Before the rollout's folder goes, or somebody else may have the host. One that fires is waited for.
stand_all_down() {
  for each_switch in "$switches"/*; do
    [ -d "$each_switch" ] || continue
    switch_state "${each_switch##*/}"
    stand_down "${each_switch##*/}"
  done
  for each_switch in "$switches"/*; do wait_for_firing "$each_switch"; done
}

# What a switch that fired has done, by its own record, when that is whole.
tell_fired() { # key
  told_home=$switches/$1
  wait_for_firing "$told_home"
  record=$told_home/record
  [ -f "$record" ] || record=$told_home/record.part
  length=$(size_of "$record") || length=0
  frame FIRED-AT "$(stat -c %Z -- "$told_home/decision")"
  frame_file FIRED "$record" "$length"
}
