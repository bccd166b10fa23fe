# What a step did: the difference between the view without its layer and the view with it, both made
# when the step has ended. So what the application itself did meanwhile is in both. How layers are
# written is never looked at but for which folders and files are in them.

# Frames: INSIDE, then a TREE with its lines for each tree that was asked for; OUTSIDE, then the same
# for each file system, of what lies in no such tree.
tell_effects() { # step
  step=$1
  work=$desk
  while read -r number how flags at; do
    [ "$how" = copied ] || continue
    layer=$base/layers/$step.$number
    [ -d "$layer" ] && [ -n "$(find "$layer" -mindepth 1 -print -quit 2>/dev/null)" ] || continue
    plain_mount "$at"
    : >"$desk/left.$step.$number"
    show_views
  done <"$desk/mounts"
  frame INSIDE
  tree=0
  while [ "$tree" -lt "$trees" ]; do
    path=$(cat "$desk/tree.$tree.path" && printf .)
    path=${path%.}
    read -r number <"$desk/tree.$tree.on"
    tell_tree
    tree=$((tree + 1))
  done
  frame OUTSIDE
  while read -r number how flags at; do
    [ -e "$desk/left.$step.$number" ] || continue
    plain_mount "$at"
    tell_outside
  done <"$desk/mounts"
  while read -r number how flags at; do
    [ -e "$desk/left.$step.$number" ] || continue
    plain_mount "$at"
    hide_views
  done <"$desk/mounts"
}

# Both views of the file system $number at $plain, each below a folder of its own that stands for /.
show_views() {
  layers_below "$number" "$step"
  show before "$below" && show after "$base/layers/$step.$number:$below" ||
    cannot "the copy of $plain can't be looked at"
}

show() { # before | after, layers
  place=$base/$1/$number${plain%/}
  mkdir -p "$place" && lay_over "$number" "$2" "" "$place"
}

hide_views() {
  umount -n -l "$base/before/$number${plain%/}"
  umount -n -l "$base/after/$number${plain%/}"
}

tell_tree() {
  part
  : >"$desk/differences"
  count=0
  if [ -e "$desk/left.$step.$number" ]; then
    mount_of "$number"
    see before && see after || cannot "$path can't be listed in the copy"
    count=$(wc -l <"$desk/after.seen")
    differences "$desk/before.seen" "$desk/after.seen" "$desk/between" || cannot "its effects found no room in memory"
    believe "${top%/}"
  fi
  frame TREE "$tree" kept "$path" "$((count))" 0
  tell_lines "${top%/}"
}

# Where the file system $1 is mounted, as `plain`.
mount_of() {
  while read -r mounted how flags at; do
    [ "$mounted" != "$1" ] || { plain_mount "$at"; return; }
  done <"$desk/mounts"
}

# The manifest of $path in a view, as $desk/WHICH.seen.
see() { # before | after
  walk "$base/$1/$number${top%/}" "$name" "$desk/$1"
  case $? in
    0) ;;
    1) : >"$desk/$1" ;;
    *) return 1 ;;
  esac
  comparable "$1" "${top%/}" ""
}

# Makes the manifest $desk/$1 comparable, as $desk/$1.seen: links, inodes and times of change are the
# overlay's own, and a plain user is root here. What is in the layer of the step may have another
# content, whatever its size and times say. Names begin below the folder $2, and are given below $3 of it.
comparable() { # before | after, folder, what is put before names
  : >"$desk/touched"
  [ "$1" = before ] || (cd "$base/layers/$step.$number" && find . \( -type f -o -type l \) -print0) |
    tr '\n\000' '\000\n' >"$desk/touched"
  AT=${plain%/} ABOVE=$2 PUT=$3 awk -v uid="$uid" -v gid="$gid" "$awk_path"'
    BEGIN { at = ENVIRON["AT"]; above = ENVIRON["ABOVE"]; put = ENVIRON["PUT"] }
    part == "touched" { touched[at substr($0, 2)]; next }
    { path = path_of()
      if (uid != 0) { if ($4 == 0) user = uid; else user = $4; if ($5 == 0) group = gid; else group = $5 } else { user = $4; group = $5 }
      print $1, 1, $3, user, group, $6, ((above substr(path, 2)) in touched) ? 2 : 1, $8, "0.0", "." put substr(path, 2) }
  ' part=touched "$desk/touched" part=lines "$desk/$1" >"$desk/$1.seen"
}

# Of what differs between the views, what the step did, as $desk/differences: the layer must show it. What
# is gone although nothing in the layer hides it was in a folder that the step has made anew, or the
# application took it away between one look and the next: then a second look tells. Names begin below $1.
believe() {
  (cd "$base/layers/$step.$number" && find . -printf '%y %p\0') | tr '\n\000' '\000\n' >"$desk/layer"
  : >"$desk/doubted"
  HERE=${plain%/} ABOVE=$1 awk -v doubted="$desk/doubted" "$awk_path"'
    BEGIN { here = ENVIRON["HERE"]; above = ENVIRON["ABOVE"] }
    part == "layer" { kind[here substr($0, 4)] = substr($0, 1, 1); next }
    { path = path_of()
      if (path != last) { settle(); last = path; lines = ""; came = 0 }
      lines = lines $0 "\n"
      if (substr($0, 1, 1) == "+") came = 1 }
    END { settle() }
    function settle(  at) {
      if (lines == "") return
      at = above substr(last, 2)
      if (at in kind) { printf "%s", lines; return }
      if (came) return
      while (match(at, /\/[^\057]*$/)) {
        at = substr(at, 1, RSTART - 1)
        if (!(at in kind)) continue
        if (kind[at] == "d") printf "%s", lines >doubted
        else printf "%s", lines
        return
      }
    }' part=layer "$desk/layer" part=lines "$desk/between" >"$desk/differences"
  [ -s "$desk/doubted" ] || return 0
  hide_views
  show_views
  awk "$awk_path"'{ print path_of() }' "$desk/doubted" | as_list >"$desk/doubted.list"
  look_at "$base/before/$number$1" "$desk/doubted.list" "$desk/before.again" &&
    look_at "$base/after/$number$1" "$desk/doubted.list" "$desk/after.again" || cannot "its effects can't be looked at again"
  awk "$awk_path"'
    part == "before" { there[path_of()]; next }
    part == "after" { delete there[path_of()]; next }
    path_of() in there { print }' part=before "$desk/before.again" part=after "$desk/after.again" \
    part=lines "$desk/doubted" >>"$desk/differences"
  sort -k 10 -o "$desk/differences" "$desk/differences"
}

# Lines of each tree of whose files the content is compared: of more, another content is believed.
compared_max=4000

# What differs below the folder $1, and of what could be the same by its size whether it is.
tell_lines() {
  [ -s "$desk/differences" ] || return 0
  paths=$(cut -d ' ' -f 10- "$desk/differences" | uniq | wc -l)
  head -n "$lines_max" "$desk/differences" >"$desk/shown"
  shown=$(wc -l <"$desk/shown")
  frame PATHS "$((paths))" "$((shown))"
  frame_file LINES "$desk/shown" "$(size_of "$desk/shown")"
  head -n "$compared_max" "$desk/shown" >"$desk/compared"
  plain "$desk/compared" "$desk/compared.plain"
  awk "$awk_manifest $awk_doubtful" "$desk/compared.plain" >"$desk/doubtful"
  (
    from=$1
    doubt() {
      enter "$base/after/$number$from${2#.}" || return 0
      if same_here "$3" "$base/before/$number$from${2#.}/$3"; then echo "$1="; else echo "$1!"; fi
    }
    . "$desk/doubtful"
  ) >"$desk/marks"
  [ ! -s "$desk/marks" ] || frame_file SAME "$desk/marks" "$(size_of "$desk/marks")"
}

# Folders of a layer whose entries are compared, and lines of what was in folders that are gone.
folders_max=5000
gone_max=20000

# What a step did on the file system $number, mounted at $plain, where no tree was asked for: the
# entries of every folder that is in its layer, and all that was in folders which are gone.
tell_outside() {
  here=${plain%/}
  (cd "$base/layers/$step.$number" && find . -type d -print0) | tr '\n\000' '\000\n' |
    head -n "$folders_max" | as_list >"$desk/folders"
  for which in before after; do
    list_entries "$base/$which/$number$here" "-maxdepth 1" <"$desk/folders" >"$desk/$which.raw" 2>"$desk/$which.trouble"
    as_manifest "$desk/$which" || cannot "what was changed outside can't be listed in the copy"
    comparable "$which" "$here" "$here"
  done
  differences "$desk/before.seen" "$desk/after.seen" "$desk/between" || cannot "its effects found no room in memory"
  believe ""
  # A folder that is gone, or something else now, took along what was in it.
  HERE=$here awk "$awk_path"'
    BEGIN { cut = length(ENVIRON["HERE"]) + 2 }
    { path = path_of(); kind = substr($1, 2) }
    kind != "d" { next }
    substr($1, 1, 1) == "-" { gone[path]; next }
    { there[path] }
    END { for (path in gone) if (!(path in there)) print "." substr(path, cut) }' "$desk/differences" | as_list >"$desk/gone"
  list_entries "$base/before/$number$here" "" <"$desk/gone" >"$desk/before.raw" 2>"$desk/before.trouble"
  as_manifest "$desk/before" || cannot "what was changed outside can't be listed in the copy"
  comparable before "$here" "$here"
  { cat "$desk/differences"; head -n "$gone_max" "$desk/before.seen" | sed 's/^/-/'; } |
    sort -k 10 >"$desk/all"
  : >"$desk/asked"
  each=0
  while [ "$each" -lt "$trees" ]; do
    { cat "$desk/tree.$each.path" && printf '\0'; } | tr '\n\000' '\000\n' >>"$desk/asked"
    each=$((each + 1))
  done
  awk "$awk_path"'
    part == "asked" { asked[++count] = $0; next }
    { path = substr(path_of(), 2)
      for (i = 1; i <= count; i++) if (path == asked[i] || index(path, asked[i] "/") == 1) next
      print }' part=asked "$desk/asked" part=all "$desk/all" >"$desk/differences"
  [ -s "$desk/differences" ] || return 0
  frame TREE "$number" kept / 0 0
  tell_lines ""
}

# The entries of the folders in the list that is standard input, as manifests have them.
list_entries() { # view, further words for find(1)
  (cd "$1" && xargs -0 -r sh -c 'format=$1 depth=$2
    shift 2
    exec find "$@" -mindepth 1 $depth -printf "$format"' sh "$walk_format" "$2")
}
