# Snapshots. $home/snapshots/KEY/ is complete or not there: rename(2) brings it into being.
#   N.path      the protected path, as it was given
#   N.is        line 1: absent | listed | kept; line 2: the manifest; then the layers that hold the
#               content, the newest first. "M.manifest" is of this snapshot, "KEY2/M.manifest" of an
#               earlier one of the same rollout; layers likewise, see guard-take.sh
#   N.manifest  as guard-walk.sh says; not there when an earlier one is the same
#   N.facts     what the manifest amounts to, beside it: see `awk_tally`
#   N.racy      lines of entries that changed while they were read: read again the next time
#   N.above     mode, uid and gid of each folder above the path, the topmost first
#   turn        counts the snapshots of the rollout
#   result      entries, bytes, milliseconds, bytes added, entries drilled, then what can't be kept

# Entries of a tree up to which lsattr(1) is asked for immutable files: it opens each of them.
lsattr_max=2000

# $path apart: `top`, the folder that holds it, and `name` in it.
part() {
  name=${path##*/}
  top=${path%/*}
  [ -n "$top" ] || top=/
}

# Refuses a path that is a link or passes through one.
refuse_links() {
  walked=
  rest=${path#/}
  while [ -n "$rest" ]; do
    walked=$walked/${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    [ ! -L "$walked" ] || refuse linked "$path" "$walked" "$(readlink "$walked")"
    [ -e "$walked" ] || return 0
  done
}

refuse_overlap() {
  case $spool/ in "${path%/}"/*) refuse spool-inside "$spool" "$path" ;; esac
  case $path/ in "$spool"/*) refuse spool-inside "$spool" "$path" ;; esac
}

# Refuses when the content that is going to be read would not leave as much free as was asked for.
refuse_no_room() {
  free=$(free_at -Pk "$spool")
  reserve=$(((reserve_bytes + 1023) / 1024))
  [ -z "$free" ] || [ $((free - needed)) -ge "$reserve" ] ||
    give_up no-space "$spool" "$needed" "$reserve" "$free"
  free=$(free_at -Pi "$spool")
  [ -z "$free" ] || [ "$free" -ge "$needed_inodes" ] || give_up no-inodes "$spool" "$needed_inodes" "$free"
}

# Takes the half-made snapshot away, then refuses. What it filled the disk with is there no more then.
give_up() {
  cd /
  reason=$(true_reason "$1")
  shift
  rm -rf -- "$partial"
  refuse_for "$reason" "$@"
}

# Says why ./$name could not be read or copied; $1 is what the tool has printed.
blame() {
  # Tools have many words for a full disk, tar(1) only "Wrote only 512 of 10240 bytes": so try.
  [ "$(true_reason disk-full)" != disk-full ] || give_up disk-full "$spool"
  (enter "$top" && unreadable_in "$name") >"$partial/unreadable" 2>/dev/null
  hidden=$(cat -- "$partial/unreadable" && printf .)
  hidden=${hidden%.}
  [ -z "$hidden" ] || give_up unreadable "${top%/}/${hidden#./}" "$(id -un)"
  give_up unreadable-tree "$path" "$(id -un)" "$1"
}

note_above() {
  set --
  walked=
  rest=${top#/}
  while [ -n "$rest" ]; do
    walked=$walked/${rest%%/*}
    case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
    set -- "$@" "$walked"
  done
  [ $# -eq 0 ] || stat -c '%a %u %g' -- "$@" 2>/dev/null
}

tell_losses() {
  [ "$sockets" -eq 0 ] || echo "$sockets sockets"
  [ "$mounted" -eq 0 ] || echo "$mounted file systems mounted below"
  [ "$unstable" -eq 0 ] || echo "$unstable entries that changed each time they were read"
  [ "$immutable" -eq 0 ] || echo "the immutable or append-only flag of $immutable entries"
  if [ "$uid" != 0 ]; then
    [ "$others" -eq 0 ] || echo "the owner of $others entries that are not $(id -un)'s"
    [ "$devices" -eq 0 ] || echo "$devices devices, which only root can make"
  fi
  case $tar_flags in
    *--acls*) ;;
    '')
      echo "access control lists and extended attributes"
      echo "holes of sparse files"
      echo "times of symbolic links"
      [ -z "$losses_of_copy" ] || echo "$losses_of_copy"
      ;;
    *) echo "access control lists and extended attributes" ;;
  esac
}

answer_snapshot() {
  { read -r entries && read -r total && read -r took && read -r added && read -r drilled; } <"$1/result"
  frame COMPLETE "$entries" "$total" "$took" "$added" "$drilled" "$(sed 1,5d "$1/result")"
}

# On disk, copied trees with all that is in them too.
make_durable() {
  [ "$1" = no ] || sync -f "$partial" 2>/dev/null || sync
  durable "$partial"/* "$partial"
}

snapshot() { # key epoch reserve, then path and kept | listed, again and again
  key=$1 epoch=$2 reserve_bytes=$3
  shift 3
  begun=$(now_hundredths)
  fence "$epoch"
  complete=$home/snapshots/$key
  if [ -d "$complete" ]; then
    answer_snapshot "$complete"
    return
  fi
  at=0
  for word do
    at=$((at + 1))
    if [ $((at % 2)) -eq 1 ]; then
      path=$word
      refuse_links
      refuse_overlap
    fi
  done
  need_folder "$home/snapshots"
  sweep_dead "$home"/snapshots/.partial.*
  partial=$home/snapshots/.partial.$key.$nonce
  work=$partial/work
  own_work "$partial"
  need_folder "$work"
  entries=0 total=0 sockets=0 devices=0 others=0 mounted=0 unstable=0 immutable=0 drilled=0 copied=no
  number=0 needed=64 needed_inodes=$(($# * 8 + 32)) next=
  put_in_order
  # Everything that can be refused is refused before a byte of content is written.
  for word do
    if [ -z "$next" ]; then path=$word next=yes; continue; fi
    next=
    part
    survey "$word"
    printf '%s\n' "$plan" "$layers" >"$scratch.plan" || give_up disk-full "$spool"
    number=$((number + 1))
  done
  refuse_no_room
  number=0
  while [ $# -gt 0 ]; do
    path=$1 is=$2
    held=$partial/$number scratch=$work/$number
    part
    { read -r plan && read -r layers; } <"$scratch.plan"
    [ "$plan" = none ] || saw_quiet "$path" "$held.manifest"
    case $plan in
      none | listed) ;;
      same) rm -f -- "$held.manifest" ;;
      *) take_content && drill ;;
    esac
    number=$((number + 1))
    shift 2
  done
  finish_snapshot
}

# Leaves what belongs to the snapshot, and brings it into being.
finish_snapshot() {
  complete=$home/snapshots/$key
  rm -rf -- "$work"
  echo "$turn" >"$partial/turn" || give_up disk-full "$spool"
  added=$(du -sk -- "$partial" 2>/dev/null)
  added=$((${added%%[!0-9]*} * 1024))
  took=$((($(now_hundredths) - begun) * 10))
  { printf '%s\n' "$entries" "$total" "$took" "$added" "$drilled" && tell_losses; } \
    >"$partial/result" || give_up disk-full "$spool"
  make_durable "$copied"
  # Two guards that snapshot at once: the first to rename wins, and the other one's copy goes.
  if [ -d "$complete" ] || ! mv -- "$partial" "$complete"; then
    rm -rf -- "$partial"
  else
    rm -rf -- "${complete:?}/owner" "$complete/${partial##*/}"
  fi
  durable "$home/snapshots" "$home"
  [ -f "$complete/result" ] || refuse disk-full "$spool"
  answer_snapshot "$complete"
}
