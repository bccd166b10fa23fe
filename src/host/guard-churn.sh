# How the protected trees live: what they lose by themselves while no step is at work. The rule by
# which a deletion counts as churn is in docs/churn.md. $home/trees/ID/ holds
#   last         the manifest of the last look
#   at           "moment boot stirs watched noted": when that was (hundredths), how often something of
#                ours had been at work by then, hundredths watched in all, lines in `life`
#   life         "w FROM TO", a quiet window, then "l COUNT AGE SHAPE WIDE" for what it lost
#   harmed       lines of entries that a step took and that were no churn; or unsure: too many
#   since.KEY    "moment boot": the last quiet look before the step of the snapshot KEY
# and $home/after/KEY/
#   N.manifest   how tree N of that snapshot was right after its step, or N.same: as in the snapshot
#   N.stirs      how often something of ours had been at work by then

# Lines kept of what a tree was seen to lose; the oldest half goes when there are more.
life_max=20000

# Bytes kept of what steps have taken from one tree.
harm_max=33554432

# Hundredths between two looks at a tree that is watched.
watch_pace=25

# Hundredths that the two looks before a rollout's first step lie apart at most.
looks_apart_max=1000

# The folder for what is known of the tree $1, as `tree`, without a process for any usual path.
tree_id() {
  case $1 in
    *[!A-Za-z0-9._/-]*) tree=$(printf '%s' "$1" | cksum) && tree=crc.${tree%% *}.${tree##* } ;;
    *)
      tree=
      parts=${1#/}
      while [ -n "$parts" ]; do
        tree=$tree+${parts%%/*}
        case $parts in */*) parts=${parts#*/} ;; *) parts= ;; esac
      done
      # Longer than a file name may be.
      [ "${#tree}" -le 200 ] || { tree=$(printf '%s' "$1" | cksum) && tree=crc.${tree%% *}.${tree##* }; }
      ;;
  esac
  tree=$home/trees/$tree
}

# What changes trees but is no command under a receipt says so: looks before and after it don't make
# a quiet window.
note_stir() {
  need_folder "$home/trees"
  mark=0
  while [ -e "$home/trees/stir.$nonce.$mark" ]; do mark=$((mark + 1)); done
  : >"$home/trees/stir.$nonce.$mark"
}

# How often something of ours has been at work, as `stirs`; false while a command may be.
count_stirs() {
  set -- "$home"/trees/stir.*
  [ -e "$1" ] || set --
  stirs=$#
  for stirring in "$home"/runs/*; do
    [ -d "$stirring" ] || continue
    stirs=$((stirs + 1))
    [ ! -f "$stirring/rc" ] || continue
    began=
    { read -r began _; } 2>/dev/null <"$stirring/started"
    [ "$began" = settled ] || return 1
  done
}

read_last_look() {
  seen_at= seen_boot= seen_stirs= watched=0 noted=0
  { read -r seen_at seen_boot seen_stirs watched noted; } 2>/dev/null <"$tree/at" && [ -f "$tree/last" ]
}

note_look() { # manifest: becomes the last look, at `moment`
  if [ "$same_look" = no ]; then
    # A copy: whoever made the list may write the next one over it.
    cp -- "$1" "$tree/new.$nonce" 2>/dev/null && mv -f -- "$tree/new.$nonce" "$tree/last" 2>/dev/null
  fi && printf '%s %s %s %s %s\n' "$moment" "$boot" "$2" "$watched" "$noted" >"$tree/at" ||
    # What could not be noted is not known, and less counts as churn for it.
    rm -f -- "$tree/at" "$tree/last"
}

# The tree $1 looks like the manifest $2 now, and no step was at work since the last look. `lives`
# says whether anything came or went since then.
saw_quiet() {
  tree_id "$1"
  [ -d "$tree" ] || need_folder "$tree"
  lives=no same_look=no quiet=yes
  moment=$(now_hundredths)
  count_stirs || quiet=no stirs=busy
  if read_last_look; then
    ! cmp -s "$tree/last" "$2" || same_look=yes
    if [ "$quiet" = yes ] && [ "$stirs" = "$seen_stirs" ] && [ "$boot" = "$seen_boot" ] &&
      [ "$moment" -gt "$seen_at" ]; then
      note_window "$2"
    fi
  fi
  note_look "$2" "$stirs"
}

# The tree $1 looks like the manifest $2 right after a step.
saw_step() {
  tree_id "$1"
  [ -d "$tree" ] || need_folder "$tree"
  same_look=no
  moment=$(now_hundredths)
  count_stirs || stirs=busy
  ! read_last_look || ! cmp -s "$tree/last" "$2" || same_look=yes
  note_look "$2" "$stirs"
}

note_window() { # manifest
  watched=$((watched + moment - seen_at))
  noted=$((noted + 1))
  echo "w $seen_at $moment" >>"$tree/life"
  [ "$same_look" = no ] || return 0
  differences "$tree/last" "$1" "$tree/window.$nonce"
  seen_wall=$(($(date +%s) - (moment - seen_at) / 100))
  lives=$(tr '\000' '\001' <"$tree/window.$nonce" |
    awk -v then="$seen_wall" -v life="$tree/life" "$awk_manifest $awk_shapes $awk_window")
  noted=$((noted + ${lives% *}))
  lives=${lives#* }
  rm -f -- "$tree/window.$nonce" "$tree/window.$nonce".*
  if [ "$noted" -gt "$life_max" ]; then
    noted=$((life_max / 2))
    tail -n "$noted" "$tree/life" >"$tree/life.new" && mv -f -- "$tree/life.new" "$tree/life"
  fi
}

# What is known of the tree $1, as `tree` and `watched`. When the step of the snapshot $2 is compared for
# the first time, it is noted from when on it may have been at work.
know_tree() {
  tree_id "$1"
  [ -d "$tree" ] || need_folder "$tree"
  ! read_last_look || [ -f "$tree/since.$2" ] || echo "$seen_at $seen_boot" >"$tree/since.$2"
}

# The moment and boot of the last quiet look before the step of the snapshot $1 of `tree`: the one
# that was noted when its step was compared first, else the last one.
recall_since() {
  since= since_boot=
  { read -r since since_boot; } 2>/dev/null <"$tree/since.$1" && return
  read_last_look || return 1
  since=$seen_at since_boot=$seen_boot
}

# Numbers of the lines of the differences $2, between the snapshot $1 of `tree` and now, that say of
# an entry that it is gone and are churn, one a line into $3. `by_name` in $4: their names instead.
find_churn() {
  : >"$3"
  may_churn && recall_since "$1" && [ "$since_boot" = "$boot" ] || return 0
  moment=$(now_hundredths)
  step_took=$((moment - since))
  [ "$step_took" -ge 0 ] || return 0
  harmed=$tree/harmed
  [ -f "$harmed" ] || harmed=/dev/null
  seen_wall=$(($(date +%s) - step_took / 100))
  tr '\000' '\001' <"$2" |
    awk -v then="$seen_wall" -v took="$step_took" -v by="${4-}" "$awk_manifest $awk_shapes $awk_rule" \
      part=life "$tree/life" part=harmed "$harmed" part=now - >"$3"
}

# Was `tree` ever seen to lose something by itself?
may_churn() { [ -f "$tree/life" ] && [ ! -f "$tree/unsure" ] && grep -q '^l ' "$tree/life"; }

# What the differences $1, right after a step, say is gone and is not in the list $2 of line numbers:
# it stays no churn, however long ago it is when someone asks again.
note_harm() {
  [ ! -f "$tree/unsure" ] || return 0
  tr '\000' '\001' <"$1" | awk "$awk_manifest $awk_harm" part=churn "$2" part=now - >>"$tree/harmed"
  [ "$(size_of "$tree/harmed")" -gt "$harm_max" ] || return 0
  # Too much to be remembered one by one: then nothing of this tree is churn from now on.
  : >"$tree/unsure"
  rm -f -- "$tree/harmed"
}

# Waits until a second look at these trees can show something: between two that follow one another at once
# nothing comes or goes, however lively a tree is. The looks lie a quarter of `watch` apart, or as long as
# whatever was done between them took.
rest_between_looks() { # path…
  apart=$((watch / 4))
  [ "$apart" -le "$looks_apart_max" ] || apart=$looks_apart_max
  due=0
  now=$(now_hundredths)
  for path do
    tree_id "$path"
    read_last_look && [ "$seen_boot" = "$boot" ] && [ "$seen_at" -le "$now" ] && [ "$watched" -lt "$watch" ] ||
      continue
    [ "$due" -ge $((seen_at + apart)) ] || due=$((seen_at + apart))
  done
  while [ "$now" -lt "$due" ]; do
    frame ALIVE
    rest=$((due - now))
    [ "$rest" -le "$watch_pace" ] || rest=$watch_pace
    sleep "$(seconds $((rest * 10)))"
    now=$(now_hundredths)
  done
}

# How the trees look by themselves. A tree that something comes to or goes from is watched on, until
# quiet windows of so many milliseconds are known of it.
observe() { # epoch milliseconds path…
  fence "$1"
  watch=$(($2 / 10))
  shift 2
  need_work
  rest_between_looks "$@"
  begun=$(now_hundredths)
  least=
  look=$begun
  # At most so long, also where something of ours is at work and no window is quiet.
  until_moment=$((begun + watch * 2 + 100))
  while [ $# -gt 0 ]; do
    fewest=$watch
    for path do
      shift
      part
      walk "$top" "$name" "$work/now"
      case $? in
        0) ;;
        1) : >"$work/now" ;;
        # The snapshot will say what stands in the way; nothing is known of this tree until then.
        *) least=0; continue ;;
      esac
      saw_quiet "$path" "$work/now"
      [ "$look" = "$begun" ] || lives=yes
      if [ "$lives" = yes ] && [ "$watched" -lt "$watch" ]; then
        set -- "$@" "$path"
        [ "$watched" -ge "$fewest" ] || fewest=$watched
      elif [ -z "$least" ] || [ "$watched" -lt "$least" ]; then
        least=$watched
      fi
    done
    now=$(now_hundredths)
    [ $# -gt 0 ] || break
    if [ "$now" -ge "$until_moment" ]; then
      [ -n "$least" ] && [ "$least" -le "$fewest" ] || least=$fewest
      break
    fi
    frame ALIVE
    # A large tree is given as long a rest as looking at it took.
    rest=$((now - look))
    [ "$rest" -ge "$watch_pace" ] || rest=$watch_pace
    sleep "$(seconds $((rest * 10)))"
    look=$(now_hundredths)
  done
  forget_work "$work"
  frame OBSERVED "$((${least:-0} * 10))"
}
