# The spool: where this host keeps snapshots and receipts, and its lock. 0700, ours alone.
#   $spool/.made             the folders that we made to have it, deepest first
#   $spool/.lock             rollout, holder, since: one line each; made by link(2), so one wins
#   $spool/ROLLOUT/epochs/N  each runner that claimed; the highest is the one that counts
#   $spool/ROLLOUT/holder    who has the lock by now, and what for, or why it is kept: one line each
#   $spool/ROLLOUT/heard     the lock's lease: see renew.sh
#   $spool/ROLLOUT/keep-until, snapshots/KEY/, runs/KEY/, work.NONCE/
#   $spool/ROLLOUT/given-up  when a person gave its lock up, who and why

home=$spool/$rollout
eval "$renew_text"

make_spool() (
  umask 022
  missing=$spool
  made=
  while [ -n "$missing" ] && [ ! -e "$missing" ] && [ ! -L "$missing" ]; do
    made="$made$missing
"
    missing=${missing%/*}
  done
  [ -z "${spool%/*}" ] || mkdir -p -- "${spool%/*}" || return 1
  # Another guard may be making it at the same moment: one of us does, and both may go on.
  mkdir -m 700 -- "$spool" 2>/dev/null || [ -d "$spool" ] || mkdir -m 700 -- "$spool" || return 1
  [ -e "$spool/.made" ] || printf '%s' "$made" >"$spool/.made"
)

# Why this spool can't be used, in `fault`; empty: it can. Nobody else may read, write or replace it.
judge_spool() {
  fault=
  if [ -d "$spool" ] && [ ! -L "$spool" ] && ! { [ -O "$spool" ] && [ -x "$spool" ]; }; then
    fault="it belongs to another user than $(id -un)"
  elif ! enter "$spool"; then
    fault="it is no folder, or a link is on the way to it"
  else
    case $(ls -ldn .) in
      ?????w* | ????????w*) fault="users other than its owner may write to it" ;;
      *) [ -w . ] || fault="it can't be written to" ;;
    esac
  fi
  cd /
}

check_spool() {
  judge_spool
  [ -z "$fault" ] || refuse spool-unusable "$spool" "$fault"
}

ready_spool() {
  if [ ! -e "$spool" ] && [ ! -L "$spool" ]; then
    trouble=$(make_spool 2>&1) || refuse spool-unusable "$spool" "it can't be made: $trouble"
  fi
  check_spool
}

# Makes folders of this rollout's own.
need_folder() {
  trouble=$(mkdir -p -- "$@" 2>&1) || refuse spool-unusable "$spool" "$trouble"
}

# Refuses work for a runner that another one has replaced. $1 is empty when it never claimed. Where a
# later one has given the host back, nothing is left here that would know its number.
fence() {
  ready_spool
  if read_lock; then
    [ "$lock_rollout" = "$rollout" ] || refuse_locked
  elif [ -n "$1" ]; then
    refuse given-back "$rollout"
  fi
  [ -n "$1" ] || return 0
  highest_epoch
  [ "$highest" -le "$1" ] || refuse fenced "$1" "$highest"
}

# A claim may come late, when another runner of the rollout has come, and has given the host back. So a
# lock that is made counts for nothing until its runner has seen it and is still the one of its rollout.
claim() { # holder epoch lease-in-hundredths message
  ready_spool
  take_lock "$1"
  if [ "$made" = yes ]; then
    hear_confirmed || { give_back_made "$2"; return; }
    has_lock || refuse given-back "$rollout"
  fi
  need_folder "$home/epochs" "$switches"
  # Written before it is compared: of two runners, at least the one with the lower epoch sees both.
  trouble=$({ : >"$home/epochs/$2"; } 2>&1) || refuse spool-unusable "$spool" "$trouble"
  highest_epoch
  [ "$highest" -le "$2" ] || refuse fenced "$2" "$highest"
  has_lock || { leave_claim "$2"; refuse given-back "$rollout"; }
  rm -f -- "$home/keep-until"
  forget_dead_guards
  tell_time
  trouble=$({ write_heard "$3"; } 2>&1) || refuse spool-unusable "$spool" "$trouble"
  say_hold "$1" "$4"
  durable "$home/epochs/$2" "$home/epochs" "$home/heard" "$home/holder" "$home" "$spool"
  frame GRANTED
}

has_lock() { read_lock && [ "$lock_rollout" = "$rollout" ]; }

# Has the runner answered that the lock is wanted? Beats may come before that, and the end of the channel.
hear_confirmed() {
  # Nobody may be there to read it.
  (frame MADE) 2>/dev/null
  word=
  while read -r word <&4 && [ -z "$word" ]; do :; done
  [ "$word" = keep ]
}

# Takes a lock back that this claim has made, unless a runner with this number or a later one has come to
# it meanwhile.
give_back_made() { # epoch
  unlock "$1"
  leave_if_empty >/dev/null
  frame TAKEN-BACK
}

# What a claim has begun to make where its lock was given back in between.
leave_claim() { # epoch
  rm -f -- "$home/epochs/$1"
  rmdir -- "$home/epochs" "$switches" "$home" 2>/dev/null
  leave_if_empty >/dev/null
}

# Takes the lock, or finds it taken by this very rollout; `made` tells which.
take_lock() { # holder
  made=yes
  note=$spool/.lock.$nonce
  trouble=$(printf '%s\n' "$rollout" "$1" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" 2>&1 >"$note") ||
    { rm -f -- "$note"; refuse spool-unusable "$spool" "$trouble"; }
  durable "$note"
  asked=0
  until ln -- "$note" "$spool/.lock" 2>/dev/null; do
    if read_lock; then
      made=no
      [ "$lock_rollout" != "$rollout" ] || break
      rm -f -- "$note"
      refuse_locked
    fi
    # Nobody is in it: it was given back at this very moment, or none can be made here.
    asked=$((asked + 1))
    [ "$asked" -lt 5 ] || { rm -f -- "$note"; refuse spool-unusable "$spool" "its lock can be neither made nor read"; }
  done
  rm -f -- "$note"
}

# Removes what dead guards left half-made: each such folder says in `owner` who was at work in it.
sweep_dead() {
  for left in "$@"; do
    [ -f "$left/owner" ] || continue
    owner= owner_since= owner_boot=
    read -r owner owner_since owner_boot <"$left/owner"
    is_alive "$owner" "$owner_since" "$owner_boot" || forget_work "$left"
  done
}

# A working folder, and what it had to put on another file system.
forget_work() {
  for noted in "$1"/elsewhere.*; do
    [ -f "$noted" ] || continue
    elsewhere=$(cat -- "$noted" && printf .)
    elsewhere=${elsewhere%.}
    above=${elsewhere%/*}
    case ${elsewhere##*/} in
      .handrail.*) (enter "${above:-/}" && rm -rf -- "./${elsewhere##*/}") ;;
    esac
  done
  rm -rf -- "$1"
}

own_work() { # folder
  need_folder "$1"
  guard_start=$(start_of "$$")
  printf '%s %s %s\n' "$$" "$guard_start" "$boot" >"$1/owner"
}

# Gives the lock back only if it is ours still: it is moved aside first, so that nobody can swap it. $1: not
# where a runner with this number or a later one has claimed the host.
unlock() {
  has_lock || return 0
  aside=$spool/.lock.$nonce
  mv -- "$spool/.lock" "$aside" 2>/dev/null || return 0
  read -r owner <"$aside"
  highest_epoch
  if [ "$owner" != "$rollout" ] || { [ -n "${1-}" ] && [ "$highest" -ge "$1" ]; }; then
    ln -- "$aside" "$spool/.lock"
  fi
  rm -f -- "$aside"
}

# Refuses to give up a lock that this very rollout does not hold, whose runner is there by its lease, or
# behind which something is at work.
give_up_by_hand() { # who and why
  [ -e "$spool" ] || [ -L "$spool" ] || refuse not-held "$rollout"
  check_spool
  read_lock || refuse not-held "$rollout"
  [ "$lock_rollout" = "$rollout" ] || refuse_locked
  find_work
  [ -z "$at_work" ] || refuse at-work "$rollout" "$at_work"
  lock_silent= lock_restarted=
  ! read_heard "$home" || measure_silence
  [ -z "$lock_silent" ] || [ -n "$lock_restarted" ] || [ "$lock_silent" -gt "$lock_lease" ] ||
    refuse in-lease "$rollout" "$((lock_silent / 100))" "$((lock_lease / 100))"
  need_folder "$home"
  trouble=$(printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" 2>&1 >>"$home/given-up") ||
    refuse spool-unusable "$spool" "$trouble"
  durable "$home/given-up"
}

release() { # time until which to keep, or nothing; who and why, where a person gives up another's lock
  [ -z "${2-}" ] || give_up_by_hand "$2"
  if [ ! -e "$spool" ] && [ ! -L "$spool" ]; then
    frame RELEASED 0
    return
  fi
  check_spool
  # What a runner gives back that was replaced meanwhile, another one needs.
  if [ "$acting_for" != 0 ]; then
    highest_epoch
    [ "$highest" -le "$acting_for" ] || refuse fenced "$acting_for" "$highest"
  fi
  stand_all_down
  sweep_dead "$home"/work.* "$home"/snapshots/.partial.*
  # No switch is left whose lease it would renew, and what it leaves now nobody might come to sweep.
  leave_switches
  forget_dead_guards
  if [ -z "$1" ]; then
    rm -rf -- "$home"
  elif [ -d "$home" ]; then
    printf '%s\n' "$1" >"$home/.keep-until" && mv -f -- "$home/.keep-until" "$home/keep-until"
    durable "$home/keep-until" "$home"
  fi
  rm -f -- "$home/heard" "$home/holder"
  unlock
  frame RELEASED "$(leave_if_empty)"
}

# Takes away what is kept no longer, and the spool when nothing is left in it; prints how many rollouts
# something is left of.
leave_if_empty() {
  now=$(date +%s)
  left=0
  for kept in "$spool"/*; do
    [ -d "$kept" ] && [ ! -L "$kept" ] || continue
    term=
    { read -r term <"$kept/keep-until"; } 2>/dev/null
    case $term in
      '' | *[!0-9]*) left=$((left + 1)) ;;
      *) if [ "$term" -lt "$now" ]; then rm -rf -- "$kept"; else left=$((left + 1)); fi ;;
    esac
  done
  [ "$left" -gt 0 ] || [ -e "$spool/.lock" ] || leave_spool
  echo "$left"
}

# The folders that we made go when nothing is in them any more. Anyone else's stay. Of guards that leave
# at the same moment one takes the note, and the others are done.
leave_spool() {
  mv -- "$spool/.made" "$spool/.made.$nonce" 2>/dev/null || return 0
  made=$(cat -- "$spool/.made.$nonce")
  rm -f -- "$spool/.made.$nonce"
  printf '%s\n' "$made" | while IFS= read -r folder; do
    rmdir -- "$folder" 2>/dev/null || break
  done
  # Another rollout came in between: the note is still needed when that one leaves.
  [ ! -d "$spool" ] || printf '%s\n' "$made" >"$spool/.made"
}
