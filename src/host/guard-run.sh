# Commands under a receipt. $home/runs/KEY/ holds
#   try.NONCE.N/   what one attempt to start has staged: program, files/, supervise, launch, read-only,
#                  started (its own), group, rc, hold, may-begin (gone when it was settled before it
#                  began), in-time (gone when it was late), out, err, out.dropped, err.dropped
#   started        "pid start-time boot attempt", made by link(2): whoever makes it starts the command
#                  or, with "settled" in it, keeps it from ever starting
#   rc             "exit-code timed-out milliseconds end", made by rename(2) when the command has ended
# What must be written after the command began has its room before it: a disk that fills up meanwhile
# can't take the receipt away.

receipt_of() { receipt=$home/runs/$1; }

# state: none | settled | running | orphaned | finished | interrupted
look_at_receipt() {
  state=none
  started_by= started_at= started_boot= attempt=
  { read -r started_by started_at started_boot attempt; } 2>/dev/null <"$receipt/started" || return 0
  [ "$started_by" != settled ] || { state=settled; return; }
  ! read_rc || { state=finished; return; }
  if is_alive "$started_by" "$started_at" "$started_boot"; then
    state=running
  elif read_rc; then
    state=finished
  elif group_is_alive; then
    state=orphaned
  else
    state=interrupted
  fi
}

# How the command ended, if that was written whole.
read_rc() {
  rc_end=
  { read -r exit_code timed_out took rc_end; } 2>/dev/null <"$receipt/rc"
  # What is left of the line is the room that was kept for it.
  [ "${rc_end%% *}" = end ]
}

# The command may outlive the supervisor that was to note its end.
group_is_alive() {
  group=
  [ "$started_boot" = "$boot" ] || return 1
  { read -r group group_start; } 2>/dev/null <"$receipt/$attempt/group" || return 1
  kill -0 "-$group" 2>/dev/null || return 1
  # Its first process is the one that was noted, or gone while others of the group are left.
  now_start=$(start_of "$group") && { [ "$now_start" = "$group_start" ]; return; }
  for each in /proc/[0-9]*/stat; do
    { read -r stat <"$each"; } 2>/dev/null || continue
    set -- ${stat##*) }
    # Zombies that nobody reaps do nothing any more.
    case $1 in Z | X) continue ;; esac
    [ "$3" != "$group" ] || return 0
  done
  return 1
}

answer_receipt() {
  case $state in
    finished)
      dropped=0
      for each in out err; do
        over=0
        { read -r over; } 2>/dev/null <"$receipt/$attempt/$each.dropped"
        dropped=$((dropped + over))
        size=$(size_of "$receipt/$attempt/$each" 2>/dev/null) || size=0
        frame_file "OUTPUT-$each" "$receipt/$attempt/$each" "$size"
      done
      held= held_why=
      { read -r held held_why; } 2>/dev/null <"$receipt/$attempt/hold"
      frame FINISHED "$exit_code" "$timed_out" "$took" "$dropped" "${held:-not-asked}" "$held_why"
      ;;
    interrupted)
      because="its processes are gone"
      [ ! -f "$receipt/rc" ] || because="its receipt could not be written, the disk may be full"
      [ "$started_boot" = "$boot" ] || because="the host was restarted meanwhile"
      frame INTERRUPTED "$because"
      ;;
    settled) refuse settled ;;
    none) frame NEVER ;;
  esac
}

# Waits for the end of what is running, at most $1 hundredths of a second; for ever when that is
# empty. A sign of life each second shows the client that the host is there, and ends this guard by
# SIGPIPE when the client is not.
follow() {
  follow_begun=$(now_hundredths)
  beat_at=$follow_begun
  while look_at_receipt && case $state in running | orphaned) ;; *) false ;; esac do
    follow_now=$(now_hundredths)
    [ -z "$1" ] || [ $((follow_now - follow_begun)) -lt "$1" ] || return 1
    if [ $((follow_now - beat_at)) -ge 100 ]; then
      frame ALIVE
      beat_at=$follow_now
    fi
    sleep "$nap"
  done
}

# Milliseconds as sleep(1) takes them here.
seconds() {
  if [ "$nap" = 1 ]; then echo $((($1 + 999) / 1000)); else printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)); fi
}

# key epoch snapshot switch attempt limit-in-milliseconds output-bytes, lengths of program and
# environment, number of read-only paths and of files, then the read-only paths, then name and length
# of each file, then the command and its arguments. The program, the environment and the files are
# payload, in this order.
run() {
  key=$1 epoch=$2 snapshot=$3 armed=$4 try=$5 limit_ms=$6 output_max=$7
  program_length=$8 environment_length=$9
  shift 9
  closed_paths=$1 files=$2
  shift 2
  # Words that are read back as the read-only paths.
  closed=
  while [ "$closed_paths" -gt 0 ]; do
    closed="$closed $(quote "$1")"
    closed_paths=$((closed_paths - 1))
    shift
  done
  owed=$((program_length + environment_length))
  at=0
  for word do
    at=$((at + 1))
    [ "$at" -le $((files * 2)) ] || break
    [ $((at % 2)) -eq 1 ] || owed=$((owed + word))
  done
  fence "$epoch"
  receipt_of "$key"
  look_at_receipt
  if [ "$state" = none ]; then
    [ -z "$snapshot" ] || need_snapshot "$snapshot"
    [ -z "$armed" ] || need_switch
    begin "$@"
  else
    exactly "$owed" <&4 >/dev/null
    owed=0
  fi
  hear_beats
  note_waiting
  # A supervisor ends its command at the limit; one whose supervisor was killed is ended here.
  if ! follow $((limit_ms / 10 + 500)); then
    if [ "$state" = orphaned ]; then end_group; fi
    follow ''
  fi
  note_waited
  answer_receipt
}

# No switch that is armed and alive, no step.
need_switch() {
  switch_state "$armed"
  [ "$switch" = armed ] || refuse not-armed "$armed" "$switch"
}

# Why commands can't run with paths closed to them on this host; nothing where they can.
prevention_fault() {
  try_prevention
  printf '%s' "$prevention"
}

# The same as `prevention`. Tried once.
try_prevention() {
  if [ -z "${prevention+tried}" ]; then
    prevention=
    if [ "$uid" != 0 ]; then
      prevention="only root can close paths to a command"
    elif ! command -v unshare >/dev/null 2>&1; then
      prevention="unshare(1) is missing"
    elif ! unshare -m mount -o bind /dev/null /dev/null 2>/dev/null; then
      prevention="this host lets nobody mount in a namespace of its own"
    fi
  fi
}

# The attempt is staged completely before anyone tries to start it.
begin() {
  mine=$receipt/$try
  need_folder "$mine/files"
  receive "$mine/program" "$program_length" || no_room
  # Values may be secrets: never on disk, never in an argument.
  owed=$((owed - environment_length))
  environment=$(exactly "$environment_length" <&4)
  while [ "$files" -gt 0 ]; do
    receive "$mine/files/$1" "$2" || no_room
    shift 2
    files=$((files - 1))
  done
  [ "${#environment}" -eq "$environment_length" ] || refuse staging "its environment was not received whole"
  { printf '%s' "$supervise_text" >"$mine/supervise" && printf '%s' "$launch_text" >"$mine/launch"; } 2>/dev/null || no_room
  decision=
  [ -z "$armed" ] || decision=$home/switches/$armed/decision
  apart=
  if [ -n "$closed" ]; then
    try_prevention
    if [ -z "$prevention" ]; then
      apart=unshare
      printf 'set --%s\n' "$closed" >"$mine/read-only" || no_room
    else
      printf 'impossible %s\n' "$prevention" >"$mine/hold" || no_room
    fi
  fi
  hear_beats
  durable "$receipt" "$home/runs" "$home"
  printf '%s' "$surroundings; $environment" |
    setsid ${scoped-} sh "$mine/supervise" "$receipt" "$try" "$(seconds "$limit_ms")" "$output_max" "$boot" \
      "$decision" "$apart" "$@" >/dev/null 2>"$mine/trouble" 3>&- 4<&- &
  supervisor=$!
  while [ ! -e "$receipt/started" ] && start_of "$supervisor" >/dev/null; do sleep 0.02 2>/dev/null || sleep 1; done
  look_at_receipt
  if [ "$state" = none ]; then
    trouble=$(tail -c 1000 "$mine/trouble")
    rm -rf -- "$mine"
    refuse staging "${trouble:-the supervisor did not start}"
  fi
  # Another guard was faster: its attempt is the one that runs.
  [ "$attempt" = "$try" ] || { wait "$supervisor"; rm -rf -- "$mine"; }
}

no_room() {
  reason=$(true_reason disk-full)
  rm -rf -- "$mine"
  refuse_for "$reason" "$spool"
}

# Read-only questions: the text that asks is payload and leaves no file. See ask.sh.
ask() { # length limit-in-milliseconds
  tell_time
  begun=$clock
  question=$(exactly "$1" <&4)
  [ "${#question}" -eq "$1" ] || exit 1
  quote_in "$home"
  # The question's text hears the beats.
  note_waiting
  answer=$(printf '%s' "surroundings=$quoted_surroundings limit=$(seconds "$2") home=$quoted nonce=$nonce
boot=$boot runner_epoch=$runner_epoch
$renew_text
$question" | setsid sh -c 'eval "$(cat)"' handrail 2>/dev/null 3>&-)
  note_waited
  tell_time
  frame ANSWER "$((clock - begun))0" "$answer"
}
