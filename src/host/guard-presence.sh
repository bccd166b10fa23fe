# Who is at work on this host, so that a guard and a switch that fires never both are. Each of them
# first writes what it is about to do, and then reads what the other has written: of two that begin at
# the same moment at least one sees the other, and waits. Beside the folders of the switches, for each
# guard:
#   .busy.NONCE      "how pid start-time boot epoch", overwritten in place, which takes no room. How: busy
#                    (at work on a request of that runner), waits (for a switch that fires) or idle
#   .armed-by.NONCE  "key epoch" of the switches whose leases it renews; never there without the other

# Not what the login may have under these names.
hearer= acting_for=0

# Every request of a runner begins with this: no switch may fire while it is under way, nor is anything
# done while one fires.
on_behalf() { # epoch, bytes of payload that were not read yet
  acting_for=$1 owed=$2
  [ -d "$switches" ] || { owed=0; return 0; }
  note_busy busy
  while find_firing; do wait_for_firing "$firing"; done
  # What follows a request that has no payload is beats alone.
  [ "$owed" -gt 0 ] || hear_beats
  owed=0
}

note_busy() { # busy | waits | idle
  [ -d "$switches" ] || return 0
  { printf '%-5s %-10s %-20s %-36s %-12s\n' "$1" "$$" "$guard_born" "$boot" "$acting_for" 1<>"$switches/.busy.$nonce"; } 2>/dev/null
}

# After each request: the runner was there a moment ago.
note_idle() {
  [ -f "$switches/.busy.$nonce" ] || return 0
  renew
  note_busy idle
}

# Is a guard at work for this runner or a later one, in one of the ways $1?
is_anyone() { # "busy" | "busy waits"
  for note in "$switches"/.busy.*; do
    { read -r doing number started booted acting; } 2>/dev/null <"$note" || continue
    case " $1 " in *" $doing "*) ;; *) continue ;; esac
    [ "$acting" -ge "$lease_epoch" ] && is_alive "$number" "$started" "$booted" && return 0
  done
  return 1
}

# Has the switch of this folder decided to fire, and is it not done with that yet?
is_firing() { # folder
  [ -f "$1/decision" ] && [ ! -f "$1/record" ] || return 1
  decided= waiting= waiting_since= waiting_boot=
  { read -r decided <"$1/decision" && [ "$decided" = fired ] &&
    read -r waiting waiting_since waiting_boot <"$1/process"; } 2>/dev/null &&
    is_alive "$waiting" "$waiting_since" "$waiting_boot"
}

# A switch that fires, as `firing`.
find_firing() {
  for firing in "$switches"/*; do ! is_firing "$firing" || return 0; done
  return 1
}

# Waits until the switch is done with what it does. One that never is keeps the host: whatever the
# request wanted to do would be done under its hands.
wait_for_firing() { # folder
  is_firing "$1" || return 0
  # The switch waits for those who are busy; the leases of others are held for this runner still.
  note_busy waits
  tell_time
  waits_since=$clock told_alive=$clock
  while is_firing "$1"; do
    [ $((clock - waits_since)) -lt "$firing_max" ] ||
      refuse at-work "$rollout" "the dead-man switch of ${1##*/} (process $waiting) still goes back, after more than $((firing_max / 100)) s"
    if [ $((clock - told_alive)) -ge 100 ]; then
      frame ALIVE
      told_alive=$clock
    fi
    sleep "$nap"
    tell_time
  done
  note_busy busy
}

# While a request is under way, what comes in after its payload is beats of the runner, each of which
# renews the leases: however long it takes, no switch fires while its runner lives.
hear_beats() {
  [ -z "$hearer" ] && [ -f "$switches/.armed-by.$nonce" ] || return 0
  trap hear_no_more EXIT
  (
    trap - EXIT
    while IFS= read -r beat <&4; do renew; done
  ) >/dev/null 2>&1 3>&- &
  hearer=$!
}

# Nobody may read from the channel when the next request comes in.
hear_no_more() {
  [ -n "$hearer" ] || return 0
  trap - EXIT
  { kill -KILL "$hearer" && wait "$hearer"; } 2>/dev/null
  hearer=
}

# From here on the request only waits for a command: without beats the switch fires, although this
# guard lives, and ends the command. What follows `note_waited` must only read.
note_waiting() {
  [ ! -f "$switches/.armed-by.$nonce" ] || note_idle
}

note_waited() {
  [ ! -f "$switches/.busy.$nonce" ] || note_busy busy
}

leave_switches() {
  [ ! -f "$switches/.busy.$nonce" ] || rm -f -- "$switches/.armed-by.$nonce" "$switches/.busy.$nonce"
}

# What guards that were killed have left. A guard whose note is there and empty is about to write it.
forget_dead_guards() {
  for note in "$switches"/.busy.*; do
    booted=
    { read -r doing number started booted acting; } 2>/dev/null <"$note" || continue
    [ -z "$booted" ] || is_alive "$number" "$started" "$booted" ||
      rm -f -- "$switches/.armed-by.${note##*/.busy.}" "$note"
  done
  for note in "$switches"/.armed-by.*; do
    [ ! -f "$note" ] || [ -f "$switches/.busy.${note##*/.armed-by.}" ] || rm -f -- "$note"
  done
}
