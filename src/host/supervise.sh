# Runs one command to its end, whoever is connected or not. In a session of its own, with the
# command in yet another one. Arguments: receipt, attempt, limit in seconds, bytes of output, boot,
# then the command. Standard input: what sets its environment.
set -u
receipt=$1 mine=$1/$2 attempt=$2 limit=$3 output_max=$4 boot=$5
shift 5
environment=$(cat)
cd / || exit 1

durable() { sync "$@" 2>/dev/null || sync; }

started_at() {
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -- ${stat##*) }
  echo "${20}"
}

hundredths() {
  if read -r uptime _ 2>/dev/null </proc/uptime; then echo "${uptime%.*}${uptime#*.}"; else echo "$(date +%s)00"; fi
}

# The first bytes of what comes in, and how many more there were: a bound must not end the command.
# Byte by byte, because what a larger block still waits for is lost to a reader of the file when a
# daemon keeps the pipe open.
keep() {
  [ "$output_max" -eq 0 ] || dd bs=1 count="$output_max" 2>/dev/null
  over=$(wc -c)
  echo $((over)) >"$mine/$1.dropped"
}

# The receipt is on disk before the command's first byte runs; link(2) lets one attempt win for ever.
begun_at=$(started_at $$) || begun_at=0
printf '%s %s %s %s\n' "$$" "$begun_at" "$boot" "$attempt" >"$mine/started" || exit 1
mkfifo "$mine/out.pipe" "$mine/err.pipe" || exit 1
durable "$mine/started"
ln "$mine/started" "$receipt/started" 2>/dev/null || exit 0
durable "$receipt"

exec 2>/dev/null
keep out <"$mine/out.pipe" >"$mine/out" &
out=$!
keep err <"$mine/err.pipe" >"$mine/err" &
err=$!
begun=$(hundredths)
printf '%s' "$environment" | setsid sh "$mine/launch" "$mine" "$@" >"$mine/out.pipe" 2>"$mine/err.pipe" &
program=$!
environment=

(
  nap=
  trap '[ -z "$nap" ] || kill "$nap"; exit' TERM
  sleep "$limit" &
  nap=$!
  wait "$nap"
  trap '' TERM
  : >"$mine/late"
  kill -TERM "-$program" || kill -TERM "$program"
  sleep 2
  kill -KILL "-$program" || kill -KILL "$program"
) </dev/null &
timer=$!

wait "$program"
exit_code=$?
took=$((($(hundredths) - begun) * 10))
timed_out=no
if [ -e "$mine/late" ]; then
  timed_out=yes
  wait "$timer"
else
  kill "$timer"
fi

# A daemon that the command has started may hold its output for ever: what is there is enough, and
# the readers stay for it, because a closed pipe would kill it.
naps=0
while [ "$naps" -lt 50 ] && { kill -0 "$out" || kill -0 "$err"; }; do
  sleep 0.02 || sleep 1
  naps=$((naps + 1))
done

printf '%s %s %s\n' "$exit_code" "$timed_out" "$took" >"$mine/rc"
durable "$mine/rc" "$mine/out" "$mine/err"
mv -f "$mine/rc" "$receipt/rc"
durable "$receipt"
