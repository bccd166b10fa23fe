# Renews the lease of the lock and those of the switches that this guard has armed, without a process
# of its own. Comes after `home`, `nonce`, `boot` and `runner_epoch` (empty: it only looks, and renews
# no lock); also part of the text that asks a question.
switches=$home/switches

# Hundredths of a second, as `clock`, that never jump back where the kernel tells its uptime.
tell_time() {
  if read -r clock _ 2>/dev/null </proc/uptime; then
    clock=${clock%.*}${clock#*.}
  else
    clock=$(date +%s)00
  fi
}

# The highest epoch that this host has seen for the rollout.
highest_epoch() {
  highest=0
  for seen in "$home"/epochs/*; do
    seen=${seen##*/}
    case $seen in '' | *[!0-9]*) continue ;; esac
    [ "$seen" -le "$highest" ] || highest=$seen
  done
}

# A lease is overwritten in place, always with as many bytes: that takes no room. Who reads it while it
# is written sees two deadlines that differ.
write_lease() { # folder deadline length epoch
  printf '%-16s %-16s %-12s %-12s\n' "$2" "$2" "$3" "$4" 1<>"$1/lease"
}

read_lease() { # folder
  deadline= deadline_again=
  { read -r deadline deadline_again lease lease_epoch; } 2>/dev/null <"$1/lease"
  case $deadline in '' | *[!0-9]*) return 1 ;; esac
  [ "$deadline" = "$deadline_again" ]
}

# When this host last heard a runner of the rollout, and for how long that holds. Overwritten in place
# as a lease is. Nothing happens by itself when it is over: it only lets people see that.
write_heard() { # hundredths of a second that the lease is long
  printf '%-16s %-16s %-12s %-36s\n' "$clock" "$clock" "$1" "$boot" 1<>"$home/heard"
}

read_heard() { # the rollout's folder
  heard= heard_again= heard_lease= heard_boot=
  { read -r heard heard_again heard_lease heard_boot; } 2>/dev/null <"$1/heard"
  case $heard in '' | *[!0-9]*) return 1 ;; esac
  case $heard_lease in '' | *[!0-9]*) return 1 ;; esac
  [ "$heard" = "$heard_again" ]
}

# A guard whose runner was replaced by another one renews nothing any more.
renew() {
  [ -n "$runner_epoch" ] || [ -f "$switches/.armed-by.$nonce" ] || return 0
  tell_time
  highest_epoch
  # A lock that was given back has no such file, and gets none.
  if [ -n "$runner_epoch" ] && [ "$highest" -le "$runner_epoch" ] && read_heard "$home"; then
    { write_heard "$heard_lease"; } 2>/dev/null
  fi
  [ -f "$switches/.armed-by.$nonce" ] || return 0
  while read -r renewed acting; do
    [ "$highest" -le "$acting" ] && [ ! -e "$switches/$renewed/decision" ] &&
      read_lease "$switches/$renewed" && [ "$lease_epoch" -le "$acting" ] || continue
    write_lease "$switches/$renewed" $((clock + lease)) "$lease" "$lease_epoch"
  done <"$switches/.armed-by.$nonce"
}
