# The guard's side of the channel: requests come in on fd 4, frames go out on fd 3. Sent by the
# client after `nonce`, `spool`, `rollout`, `guard_path` and the texts of supervise.sh, launch.sh and
# renew.sh. The process of a switch evaluates the same text, with "switch" and its key as arguments.

set -u

# $1 as a word that the shell reads back as exactly that, in `quoted`.
quote_in() {
  quoted="'"
  unquoted=$1
  while :; do
    case $unquoted in *\'*) ;; *) break ;; esac
    quoted="$quoted${unquoted%%\'*}'\\''"
    unquoted=${unquoted#*\'}
  done
  quoted="$quoted$unquoted'"
}

quote() {
  quote_in "$1"
  printf '%s' "$quoted"
}

# What steps and probes get back: the guard itself needs plain byte order, UTC and private files. A
# switch is told it: what it finds is the guard's.
if [ "${1-}" != switch ]; then
  uid= mask=
  if [ -r /proc/self/status ]; then
    while read -r name value each; do
      case $name in
        Umask:) mask=$value ;;
        Uid:) uid=$value ;;
      esac
    done </proc/self/status
  fi
  quote_in "$guard_path:$PATH"
  surroundings="umask ${mask:-$(umask)}; PATH=$quoted; export PATH"
  # The last is set for what starts a scope; see guard-logout.sh.
  for name in LC_ALL TZ XDG_RUNTIME_DIR; do
    eval "is_set=\${$name+yes} value=\${$name-}"
    quote_in "$value"
    if [ "$is_set" = yes ]; then
      surroundings="$surroundings; $name=$quoted; export $name"
    else
      surroundings="$surroundings; unset $name"
    fi
  done
  quote_in "$surroundings"
  quoted_surroundings=$quoted
fi
LC_ALL=C TZ=UTC0 PATH=$guard_path
export LC_ALL TZ PATH
umask 077
exec 3>&1 4<&0 1>&2 0</dev/null

# One frame: a kind, then fields that each end with a zero byte, so that any name fits in.
frame() {
  frame_kind=$1
  shift
  frame_length=0
  for field do frame_length=$((frame_length + ${#field} + 1)); done
  printf '%s %s %s\n' "$nonce" "$frame_kind" "$frame_length" >&3
  [ $# -eq 0 ] || printf '%s\0' "$@" >&3
}

# One frame with the first $3 bytes of a file.
frame_file() {
  printf '%s %s %s\n' "$nonce" "$1" "$3" >&3
  [ "$3" -eq 0 ] || head -c "$3" -- "$2" >&3
}

size_of() {
  bytes=$(wc -c <"$1") || return 1
  echo $((bytes))
}

# Exactly $1 bytes of standard input. Nothing may read one byte more: it would be the next request.
exactly() {
  if [ "$1" -le 512 ] || [ "$whole_blocks" = no ]; then
    [ "$1" -eq 0 ] || dd bs=1 count="$1" 2>/dev/null
  else
    [ "$1" -lt 65536 ] || dd bs=65536 count=$(($1 / 65536)) iflag=fullblock 2>/dev/null
    [ $(($1 % 65536)) -eq 0 ] || dd bs=$(($1 % 65536)) count=1 iflag=fullblock 2>/dev/null
  fi
}

# Bytes of payload that follow the request and were not read yet.
owed=0

# Bytes of payload after which a guard that has armed a switch renews its lease.
piece_bytes=262144

# The next $2 bytes of payload into the file $1. They are taken from the channel even when the disk
# is full; false when the file did not get them all. No beats come in between, for as long as a slow
# line may take: each piece that comes is one.
receive() {
  owed=$((owed - $2))
  rest=$2
  { : >"$1"; } 2>/dev/null
  if [ -f "$switches/.armed-by.$nonce" ]; then
    while [ "$rest" -gt "$piece_bytes" ]; do
      got=$(exactly "$piece_bytes" <&4 | tee -a -- "$1" 2>/dev/null | wc -c)
      # The channel has ended.
      [ "$((got))" -eq "$piece_bytes" ] || return 1
      renew
      rest=$((rest - piece_bytes))
    done
  fi
  exactly "$rest" <&4 | { cat >>"$1" || cat >/dev/null; } 2>/dev/null
  [ -f "$1" ] && [ "$(size_of "$1")" = "$2" ]
}

# Ends the request: nothing was done. $1 says why, the rest are the facts for the sentence.
refuse() {
  reason=$(true_reason "$1")
  shift
  refuse_for "$reason" "$@"
}

# The same where the reason was looked at before something was taken away.
refuse_for() {
  [ "$owed" -eq 0 ] || exactly "$owed" <&4 >/dev/null
  frame REFUSED "$@"
  exit 0
}

# Work in the spool that fails is told as "disk-full", because that is what it nearly always means. Where
# there is room after all it was something else, and nobody must look for it on the disk.
true_reason() {
  case $1 in
    disk-full)
      if head -c 262144 /dev/zero >"$spool/.room.$nonce" && [ "$(size_of "$spool/.room.$nonce")" = 262144 ]; then
        set -- spool-failed
      fi 2>/dev/null
      rm -f -- "$spool/.room.$nonce"
      ;;
  esac
  echo "$1"
}

# On disk even if the power goes: sync(1) with names where it takes names, else everything.
durable() { sync "$@" 2>/dev/null || sync; }

now_hundredths() {
  tell_time
  echo "$clock"
}

# The start time of process $1 as `born`, which tells it from a later one with its number. A zombie is
# dead.
find_start() {
  born=
  { read -r born <"/proc/$1/stat"; } 2>/dev/null || return 1
  pick_start ${born##*) }
}

pick_start() {
  case $1 in Z | X) return 1 ;; esac
  born=${20}
}

start_of() { find_start "$1" && echo "$born"; }

# Is the process that was noted as "$1 $2 $3" (number, start time, boot) still there?
is_alive() { [ "$3" = "$boot" ] && find_start "$1" && [ "$born" = "$2" ]; }

# Where we stand, without links. Most shells ask the kernel after a `cd -P`; bash and those like it note
# what they have found before, which is wrong when somebody swaps a folder for a link in between.
standing() {
  here=$PWD
  if [ -n "${BASH_VERSION-}${KSH_VERSION-}${ZSH_VERSION-}${YASH_VERSION-}" ]; then
    here=$(env pwd -P && printf .) || return 1
    here=${here%??}
  fi
}

# Goes into the folder $1 if no link is on the way. A folder that is entered stays the same one,
# whatever its path is made to point at afterwards.
enter() {
  cd -P -- "$1" 2>/dev/null || return 1
  # A stage that we hold open is gone into by that, wherever its path leads by now; see `pin_stage`.
  case ${pinned-no}$1/ in yes/proc/self/fd/9/*) return 0 ;; esac
  standing && [ "$here" = "$1" ]
}

# What this host can do is found out by trying, never by names and versions. A switch is told it.
if [ "${1-}" != switch ]; then
  uid=${uid:-$(id -u)}
  nap=1
  ! { sleep 0.01; } 2>/dev/null || nap=0.1
  finder=stat
  [ "$(find / -maxdepth 0 -printf '%y' 2>/dev/null)" != d ] || finder=printf
  # Only GNU tar(1) knows all of these.
  plain_flags='--format=posix --sparse --numeric-owner --one-file-system'
  tar_flags="$plain_flags --acls --xattrs --xattrs-include=*"
  set -f
  if ! tar $tar_flags -cf /dev/null -T /dev/null 2>/dev/null; then
    tar_flags=
    case $(tar --version 2>/dev/null) in *'GNU tar'*) tar_flags=$plain_flags ;; esac
  fi
  set +f
  boot=unknown
  { read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || boot=unknown
fi
