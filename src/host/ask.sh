# Asks a read-only question without leaving a file, in a session of its own. Comes after `limit` (in
# seconds), `output_max`, `environment`, `script` and the arguments as $@. Prints lines: "o HEX…" and
# "e HEX…" (output in order), "o+ N" and "e+ N" (bytes dropped), "exit N", "late", and at last "end".
# fd 4 is the channel: while a question is open only beats of the runner come in there, and an end of
# it means that nobody waits for the answer any more.

# Pieces are small enough to be written at once, so two streams can share one pipe.
piece_max=1024

take_down() { # o | e
  left=$output_max
  while [ "$left" -gt 0 ]; do
    size=$piece_max
    [ "$left" -ge "$size" ] || size=$left
    set -- "$1" $(dd bs="$size" count=1 2>/dev/null | od -An -v -tx1)
    [ $# -gt 1 ] || return 0
    echo "$*" >&5
    left=$((left - $# + 1))
  done
  printf '%s+ %s\n' "$1" "$(($(wc -c)))" >&5
}

all=$$
exec 5>&1
{
  {
    # The question comes by a pipe: an argument could be read by everyone on the host.
    printf '%s' "$script" | (
      exec 4<&- 5>&- 6>&-
      eval "$surroundings; $environment"
      exec setsid sh -euc 'eval "$(cat)"' handrail "$@"
    ) 2>&1 >&6 6>&- &
    asked=$!
    (
      sleep "$limit"
      echo late >&5
      kill -TERM "-$asked" || kill -TERM "$asked"
      sleep 2
      kill -KILL "-$asked" || kill -KILL "$asked"
    ) >/dev/null 2>&1 </dev/null 6>&- &
    (
      while IFS= read -r beat <&4; do renew; done
      kill -KILL "-$asked"
      kill -KILL "-$all"
    ) >/dev/null 2>&1 6>&- &
    exec 6>&-
    wait "$asked"
    echo "exit $?" >&5
    kill -KILL "-$asked" 2>/dev/null
    # What it left behind in another session may hold its output for ever.
    (
      sleep 1
      kill -KILL "-$all"
    ) >/dev/null 2>&1 </dev/null &
  } | take_down e
} 6>&1 | take_down o
echo end >&5
kill -KILL "-$all"
