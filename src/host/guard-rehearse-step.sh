# One step in the copy: its root is put together, it runs there, and everything that it has started is
# ended.

# Puts the root of the step $1 together.
make_root() {
  root=$base/root.$1
  mkdir "$root"
  while read -r number how flags at; do
    plain_mount "$at"
    [ "$how" != silent ] || continue
    # What was mounted there has gone since.
    [ -e "$plain" ] || { grep -qsx "$number" "$desk"/tree.*.on && return 1; continue; }
    target=$root
    [ "$plain" = / ] || target=$root$plain
    if [ "$how" = copied ]; then
      # In a hidden folder there is nothing yet.
      [ -d "$target" ] || mkdir -p "$target"
      layers_below "$number" "$1"
      # It may go while it is looked at, too.
      make_layer "$1" "$number" && lay_over "$number" "$below" "$1" "$target" ||
        { [ -e "$plain" ] && return 1; continue; }
      [ "$flags" = - ] || mount -n -o "remount,bind$flags" "$target"
    elif [ "$how" = hidden ]; then
      mount -n -t tmpfs -o mode=1777,size=64m,nosuid,nodev handrail "$target" || return 1
    elif [ "$how" = rooted ]; then
      mount -n --rbind / "$root" && close_below "$root" || return 1
    elif [ "$uid" = 0 ] && [ -e "$target" ]; then
      mount -n --bind "$plain" "$target" && { mount -n -o remount,bind,ro "$target" || return 1; }
    fi
  done <"$desk/mounts"
  make_devices && make_hidden && cover_programs
}

make_devices() {
  mount -n -t tmpfs -o mode=755,size=1m,nosuid handrail "$root/dev" || return 1
  for device in null zero full random urandom tty; do
    # Read-only is the node: its mode and owner are the host's.
    : >"$root/dev/$device" && mount -n --bind "/dev/$device" "$root/dev/$device" &&
      close_below "$root/dev/$device" || return 1
  done
  ln -s /proc/self/fd "$root/dev/fd"
  ln -s fd/0 "$root/dev/stdin"
  ln -s fd/1 "$root/dev/stdout"
  ln -s fd/2 "$root/dev/stderr"
  mkdir "$root/dev/shm" "$root/dev/pts" "$root/dev/old" "$root/dev/handrail" "$root/dev/recorders" "$root/dev/trace"
  chmod 755 "$root/dev/pts" "$root/dev/handrail" "$root/dev/recorders"
  : >"$root/dev/handrail-calls"
  chmod 666 "$root/dev/handrail-calls"
  mount -n -t tmpfs -o mode=1777,size=64m,nosuid,nodev handrail "$root/dev/shm" &&
    mount -n --bind "$stage" "$root/dev/handrail" &&
    mount -n --bind "$desk/recorders" "$root/dev/recorders" && close_below "$root/dev/recorders" || return 1
  [ -z "$tracer" ] || mount -n -t tmpfs -o mode=700,size=8m,nosuid,nodev handrail "$root/dev/trace"
}

# Sockets of what runs on this host must not be met in the copy; what the kernel tells is only read.
make_hidden() {
  for hidden in /run /var/run; do
    [ -d "$root$hidden" ] && [ ! -L "$root$hidden" ] || continue
    mount -n -t tmpfs -o mode=755,size=16m,nosuid,nodev handrail "$root$hidden" && mkdir -m 1777 "$root$hidden/lock" || return 1
  done
  [ -d "$root/sys" ] && [ "$uid" = 0 ] || return 0
  if ! { mount -n --rbind /sys "$root/sys" && close_below "$root/sys"; } 2>/dev/null; then
    umount -n -l "$root/sys" 2>/dev/null
    mount -n -t tmpfs -o ro,mode=755,size=4k handrail "$root/sys"
  fi
}

close_below() {
  list_mounts "$1"
  for below_it in '' $mounts; do
    plain_mount "$below_it"
    # Where we can't get to, the step can't either.
    [ -e "$1$plain" ] || continue
    mount -n -o remount,bind,ro "$1$plain" || mount -n -o remount,bind,ro,nosuid,nodev,noexec "$1$plain" || return 1
  done
}

cover_programs() {
  while IFS= read -r real; do
    [ ! -f "$root$real" ] || { mount -n --bind "$desk/recorder" "$root$real" && close_below "$root$real"; } || return 1
  done <"$desk/covered"
}

# number, limit in milliseconds, lengths of program and environment, number of files, then name and
# length of each, then the command. Program, environment and files are payload, in this order.
rehearse_step() {
  [ "$stopped" = no ] || return 0
  step=$1 limit_ms=$2
  stage=$desk/stage.$step
  mkdir "$stage" "$stage/files"
  receive "$stage/program" "$3" || cannot "its program found no room in memory"
  owed=$((owed - $4))
  environment=$(exactly "$4" <&4)
  [ "${#environment}" -eq "$4" ] || cannot "its environment was not received whole"
  files=$5
  shift 5
  while [ "$files" -gt 0 ]; do
    receive "$stage/files/$1" "$2" || cannot "its files found no room in memory"
    shift 2
    files=$((files - 1))
  done
  find_tracer
  trouble=$(make_root "$step" 2>&1) || cannot "its root can't be put together: $(printf '%s' "$trouble" | tr '\n\t' '  ' | tail -c 300)"
  root=$base/root.$step
  run_in_copy "$@"
  take_out_traces
  # With all that is mounted below at once: of a plain user, some of it can't go by itself.
  umount -n -l "$root"
  rm -rf -- "$stage"
  frame STEP "$step" "$exit_code" "$timed_out" "$took" "$full" "$dropped"
  for each in out err calls traced; do
    frame_file "OUTPUT-$each" "$desk/$each" "$(size_of "$desk/$each")"
  done
  tell_effects "$step"
  frame STEPPED "$step"
  # The rollout would stop there, too.
  [ "$exit_code" = 0 ] && [ "$timed_out" = no ] && [ "$full" = no ] || stopped=yes
}

find_tracer() {
  tracer=
  [ "$trace" = no ] || ! command -v strace >/dev/null 2>&1 ||
    tracer='strace -f -qq -y -s 512 -o /dev/trace/trace -e trace=execve,unlink,unlinkat,rmdir,rename,renameat,renameat2 --'
}

take_out_traces() {
  take_out calls "$root/dev/handrail-calls" 65536
  take_out traced "$root/dev/trace/trace" 4194304
}

# Nothing of the step runs any more, but what it has laid there may be a fifo.
take_out() { # name, file, bytes at most
  : >"$desk/$1"
  [ ! -f "$2" ] || [ -L "$2" ] || head -c "$3" "$2" >"$desk/$1"
}

run_in_copy() {
  rm -f -- "$desk/out.pipe" "$desk/err.pipe" "$desk/begun" "$desk/ended"
  mkfifo "$desk/out.pipe" "$desk/err.pipe" || cannot "its output can't be read"
  keep_output out &
  out_reader=$!
  keep_output err &
  err_reader=$!
  network_apart=
  [ "$network" = yes ] || network_apart=--net
  own_name=
  [ "$uid" = 0 ] || own_name="--map-user=$uid --map-group=$gid"
  tell_time
  begun=$clock
  (
    # Whoever kills this subshell kills all of it.
    printf '%s' "$surroundings; PATH=/dev/recorders:\$PATH; $environment" |
      setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --ipc --uts $network_apart \
        --kill-child=KILL sh -c "$inside_text" handrail "$root" "$own_name" "$tracer" "$@" \
        3>&- 4<&- 7>"$desk/out.pipe" 8>"$desk/err.pipe" 9>"$desk/begun" >/dev/null 2>"$desk/trouble"
    echo $? >"$desk/ended"
  ) &
  apart=$!
  environment=
  timed_out=no full=no beat_at=$begun
  while [ ! -s "$desk/ended" ] && [ "$timed_out" = no ]; do
    watch_over
    sleep "$nap"
  done
  exit_code=137
  [ "$timed_out" = yes ] || read -r exit_code <"$desk/ended"
  watch_room
  tell_time
  took=$(((clock - begun) * 10))
  # They end when nothing of the step is left.
  wait "$apart" "$out_reader" "$err_reader"
  [ -s "$desk/begun" ] ||
    cannot "the step could not be begun in the copy: $(tr '\n\t' '  ' <"$desk/trouble" | tail -c 300)"
  dropped=$(($(cat "$desk/out.dropped") + $(cat "$desk/err.dropped")))
}

keep_output() {
  exec <"$desk/$1.pipe" 3>&- 4<&-
  head -c "$output_max" >"$desk/$1"
  over=$(wc -c)
  echo $((over)) >"$desk/$1.dropped"
}

# Ends everything when the guard is gone, or whoever asked; and the step when its time is over.
watch_over() {
  is_alive "$watched" "$watched_since" "$boot" || exit 1
  tell_time
  if [ $((clock - beat_at)) -ge 100 ]; then
    printf '%s ALIVE 0\n' "$nonce" >&3 || exit 1
    beat_at=$clock
  fi
  watch_room
  [ $(((clock - begun) * 10)) -ge "$limit_ms" ] || return 0
  timed_out=yes
  kill -KILL "$apart" 2>/dev/null
}

# Was the room of the copy used up, if only for a moment?
watch_room() {
  set -- $(stat -f -c '%f %d %S' "$base/layers")
  [ $(($1 * $3)) -ge 131072 ] && [ "$2" -ge 8 ] || full=yes
}

end_rehearsal() {
  [ "$owed" -eq 0 ] || exactly "$owed" <&4 >/dev/null
  frame REHEARSED
}
