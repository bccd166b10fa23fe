# Settling: the command of a receipt runs no more, and never will.

# See Guard.settle: after this the command does not run and never will. One that never began may still
# begin where only those that did were asked for.
settle() { # key epoch, wait in hundredths of a second, "begun" or nothing
  fence "$2"
  receipt_of "$1"
  look_at_receipt
  if [ "$state.${4-}" = none.begun ]; then
    frame NEVER
    return
  fi
  hear_beats
  note_waiting
  settle_receipt "$1" "$3"
  case $? in
    0) ;;
    2) refuse at-work "$rollout" "command $1 goes on although it was killed, as what waits for a broken disk or a lost network file system does" ;;
    *) refuse disk-full "$spool" ;;
  esac
  note_waited
  if [ "$state" = settled ]; then frame NEVER; else answer_receipt; fi
}

# The same for whoever has the right to it already; leaves the end as `state`. 1: no room to note that
# it may never begin. 2: it can't be ended.
settle_receipt() { # key, wait in hundredths of a second
  receipt_of "$1"
  look_at_receipt
  if [ "$state" = none ]; then
    mkdir -p -- "$receipt" 2>/dev/null || return 1
    note=$receipt/.settled.$nonce
    { echo settled >"$note"; } 2>/dev/null || return 1
    durable "$note"
    ln -- "$note" "$receipt/started" 2>/dev/null
    rm -f -- "$note"
    durable "$receipt" "$home/runs" "$home"
    look_at_receipt
    [ "$state" != none ] || return 1
  fi
  # What a command that has ended by itself left running is the application, and stays.
  case $state in settled | finished) return 0 ;; esac
  # A supervisor may have started it a moment ago, and on a slow host it is not there yet.
  rm -f -- "$receipt/$attempt/may-begin" || return 1
  if ! follow "$2"; then
    end_group
    # The supervisor notes the end, unless it is gone itself; then its number may be another's by now.
    # What it has in its own group with it, such as what waits for the command's limit, is of no use then.
    if ! follow 500 && [ "$state" = running ]; then
      kill -KILL "-$started_by" 2>/dev/null || kill -KILL "$started_by" 2>/dev/null
    fi
    follow 100
    # What a command that was ended has left in its group must not change anything later either.
    end_group
    follow 100
  fi
  case $state in running | orphaned) return 2 ;; esac
}

# Ends what is left of the command: asked first, then made to.
end_group() {
  naps=0
  # A command that is just being started has not noted its group yet.
  while [ "$naps" -lt 20 ] && ! group_is_alive && [ -z "$group" ] &&
    is_alive "$started_by" "$started_at" "$started_boot"; do
    sleep "$nap"
    naps=$((naps + 1))
  done
  group_is_alive || return 0
  kill -TERM "-$group" 2>/dev/null
  naps=0
  while [ "$naps" -lt 20 ] && group_is_alive; do
    sleep "$nap"
    naps=$((naps + 1))
  done
  ! group_is_alive || kill -KILL "-$group" 2>/dev/null
}
