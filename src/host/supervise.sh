# Runs one command to its end, whoever is connected or not. In a session of its own, with the
# command in yet another one. Arguments: receipt, attempt, limit in seconds, bytes of output, boot,
# the decision of the switch that guards it (or nothing), "unshare" where paths are closed to it, then
# the command. Standard input: what sets its environment.
set -u
receipt=$1 mine=$1/$2 attempt=$2 limit=$3 output_max=$4 boot=$5 decision=$6 apart=$7
shift 7
environment=$(cat)
cd / || exit 1

durable() { sync "$@" 2>/dev/null || sync; }

# Hundredths of a second, as `now`.
tell_time() {
  if read -r now _ 2>/dev/null </proc/uptime; then
    now=${now%.*}${now#*.}
  else
    now=$(date +%s)00
  fi
}

# When this process was started, which tells it from a later one with its number.
start_of() {
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -- ${stat##*) }
  echo "${20}"
}

# Is the command's group still what it was? While this supervisor lives its number is nobody else's.
is_ours() {
  [ "$(start_of "$$" || echo 0)" != "$begun_at" ] || return 0
  { read -r group group_start <"$mine/group"; } 2>/dev/null && [ -n "$group_start" ] &&
    [ "$(start_of "$program")" = "$group_start" ]
}

# The first bytes of what comes in, and how many more there were: a bound must not end the command.
# Byte by byte, because what a larger block still waits for is lost to a reader of the file when a
# daemon keeps the pipe open.
keep() {
  [ "$output_max" -eq 0 ] || dd bs=1 count="$output_max" 2>/dev/null
  over=$(wc -c)
  echo $((over)) >"$mine/$1.dropped"
}

# What is written after the command has begun has its room from now on.
room='                                                                '
for each in group rc; do printf '%s\n' "$room" >"$mine/$each" || exit 1; done
: >"$mine/in-time" && : >"$mine/may-begin" || exit 1
[ -z "$apart" ] || printf '%s\n' "$room$room" >"$mine/hold" || exit 1

# The receipt is on disk before the command's first byte runs; link(2) lets one attempt win for ever.
begun_at=$(start_of "$$" || echo 0)
printf '%s %s %s %s\n' "$$" "$begun_at" "$boot" "$attempt" >"$mine/started" || exit 1
mkfifo "$mine/out.pipe" "$mine/err.pipe" || exit 1
durable "$mine/started" "$mine/rc" "$mine/group" "$mine"
[ -z "$decision" ] || [ ! -e "$decision" ] || exit 1
ln "$mine/started" "$receipt/started" 2>/dev/null || exit 0
durable "$receipt"
# A switch that has decided since ends what it finds; what it did not find must not begin.
[ -z "$decision" ] || [ ! -e "$decision" ] || exit 1
# Whoever has settled it since takes this away; see launch.sh, which looks again.
[ -e "$mine/may-begin" ] || exit 1

exec 2>/dev/null
keep out <"$mine/out.pipe" >"$mine/out" &
out=$!
keep err <"$mine/err.pipe" >"$mine/err" &
err=$!
tell_time
begun=$now
if [ -n "$apart" ]; then
  printf '%s' "$environment" |
    setsid unshare -m sh "$mine/launch" "$mine" "$@" >"$mine/out.pipe" 2>"$mine/err.pipe" &
else
  printf '%s' "$environment" | setsid sh "$mine/launch" "$mine" "$@" >"$mine/out.pipe" 2>"$mine/err.pipe" &
fi
program=$!
environment=

(
  nap=
  trap '[ -z "$nap" ] || kill "$nap"; exit' TERM
  sleep "$limit" &
  nap=$!
  wait "$nap"
  trap '' TERM
  is_ours || exit
  rm -f "$mine/in-time"
  kill -TERM "-$program" || kill -TERM "$program"
  sleep 2
  kill -KILL "-$program" || kill -KILL "$program"
) </dev/null &
timer=$!

wait "$program"
exit_code=$?
tell_time
took=$(((now - begun) * 10))
timed_out=no
if [ -e "$mine/in-time" ]; then
  kill "$timer"
else
  timed_out=yes
  wait "$timer"
fi

# A daemon that the command has started may hold its output for ever: what is there is enough, and
# the readers stay for it, because a closed pipe would kill it.
naps=0
while [ "$naps" -lt 50 ] && { kill -0 "$out" || kill -0 "$err"; }; do
  sleep 0.02 || sleep 1
  naps=$((naps + 1))
done

# Who is there of the namespace, as `left`: by its number, which is another's soon when the last of it is
# gone, so that who began when the command had ended does not count; what a daemon starts later, it is
# there itself for.
find_left() {
  for each in $(ls -l /proc/[0-9]*/ns/mnt | sed -n "s|.* /proc/\([0-9]*\)/ns/mnt -> $1\$|\1|p"); do
    { read -r stat <"/proc/$each/stat"; } || continue
    set -- "$1" ${stat##*) }
    [ "${21}" -gt $((now + 5)) ] || { left=$each; return 0; }
  done
  return 1
}

# A process that stays behind in the namespace keeps the closed paths closed to it for as long as it
# lives: a daemon with a read-only temp folder. What only takes a moment to end is given it.
held= namespace=
[ -z "$apart" ] || read -r held namespace <"$mine/hold"
if [ "$held" = held ] && [ -n "$namespace" ]; then
  naps=0 quoted=$(printf '%s' "$namespace" | sed 's/[][]/\\&/g')
  while left= && find_left "$quoted" && [ "$naps" -lt 10 ]; do
    sleep 0.1 || sleep 1
    naps=$((naps + 1))
  done
  [ -z "$left" ] || printf '%-60s' "left $left" 1<>"$mine/hold"
fi

# In place, where there is room; whoever reads it sees by the last word that it is whole.
tries=0
while [ "$tries" -lt 10 ]; do
  if printf '%s %s %s end' "$exit_code" "$timed_out" "$took" 1<>"$mine/rc"; then break; fi
  sleep 1
  tries=$((tries + 1))
done
durable "$mine/rc" "$mine/out" "$mine/err"
mv -f "$mine/rc" "$receipt/rc"
durable "$receipt"
