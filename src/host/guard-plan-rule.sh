# How a plan is made, in awk: portable to mawk, gawk and BusyBox. Names come as manifests have them,
# with "//n" for a newline, and are kept with the newline itself. `was` is what the snapshot says,
# `is` what is there now, both only of what differs; `how` are the rules.

awk_names='
function parent(at) { return match(at, /\/[^\057]*$/) ? substr(at, 1, RSTART - 1) : "." }
function leaf(at) { match(at, /\/[^\057]*$/); return substr(at, RSTART + 1) }
function decoded(at) { if (index(at, "//")) gsub(/\/\/n/, "\n", at); return at }
function encoded(at) { if (index(at, "\n")) gsub(/\n/, "//n", at); return at }

function quoted(word,  parts, i, text) {
  if (!index(word, "\047")) return "\047" word "\047"
  parts = split(word, part_of, "\047")
  text = "\047" part_of[1]
  for (i = 2; i <= parts; i++) text = text "\047\134\047\047" part_of[i]
  return text "\047"
}
'

plan_text=$awk_names'
# The nearest rule at or above a name.
function rule(at) { return (at in how) ? how[at] : rule_in(parent(at)) }
function rule_in(folder) {
  if (!(folder in how_in)) how_in[folder] = folder == "." ? how["."] : rule(folder)
  return how_in[folder]
}

# What another tree of the snapshot covers better is that one to put back.
function of_another(at,  other) {
  for (other in others) if (at == other || index(at, other "/") == 1) return 1
  return 0
}

# On a file system that begins below the tree nothing is done.
function mounted(at,  mount) {
  for (mount in mounts) if (at == mount || index(at, mount "/") == 1) return 1
  return 0
}

# What is done to names in one folder is done by one process for many of them.
function add(phase, deed, at,  folder, key, text) {
  folder = parent(at)
  worked[folder]
  key = phase SUBSEP deed SUBSEP folder
  text = " " (phase == "make" ? "\"$s\"" : "") quoted(leaf(at))
  words[key] = words[key] text
  used[key] += length(text) + length(folder)
  if (deed == "fold") many[key] += inside[at]
  if (used[key] > room) flush(key)
}
function flush(key,  of) {
  if (words[key] == "") return
  split(key, of, SUBSEP)
  print "at " quoted(of[3]) "; " (of[2] == "fold" ? "many=" many[key] "; " : "") of[2] words[key] > (to "/" of[1])
  words[key] = ""
  used[key] = many[key] = 0
}

function conflict(at) {
  differs[parent(at)]
  if (++conflicts <= told_max) print "conflict " quoted(at) > (to "/told")
}
function fail(at, why) {
  if (++failures <= told_max) print "fail " quoted(at) " " quoted(why) > (to "/told")
}
function list(at) {
  if (at in listed) return
  listed[at]
  if (index(at, "\n")) print "odd " quoted(at) > (to "/odd")
  else print at > (to "/list")
}
function own(at) {
  if (!(at in foreign)) return
  if (++foreigners <= told_max) print "foreign " quoted(at) > (to "/told")
  else failures++
}

# Takes a line apart, of types and names or of a whole manifest.
function take(line,  i, cut) {
  if (brief == "brief") { kind = substr(line, 1, 1); name = decoded(substr(line, 3)); return }
  split(line, field, " ")
  cut = 10
  for (i = 1; i <= 9; i++) cut += length(field[i])
  kind = field[1]; name = decoded(substr(line, cut))
  shape = field[3] " " field[4] " " field[5]
  # Some tools can set no time of a link.
  face = kind == "d" ? "" : kind == "l" && attributes != "yes" ? field[6] : field[6] " " field[8]
  time = field[8]
  links_to = field[7]
}

part == "rules" && /^made / { makes[decoded(substr($0, 6))]; next }
part == "rules" { how[decoded(substr($0, index($0, " ") + 1))] = substr($0, 1, index($0, " ") - 1); next }
part == "churned" { churns[decoded($0)]; next }
part == "mounts" { mounts[decoded($0)]; next }
part == "others" { others[decoded($0)]; next }
part == "foreign" || part == "linked" || part == "folders" {
  held = brief; brief = "full"; take($0); brief = held
  if (part == "foreign") foreign[name]
  else if (part == "linked") inode[name] = links_to
  else written[name] = time
  next
}
part == "later" {
  is_now = sub(/^\t/, "")
  split($0, field, " ")
  cut = 7
  for (i = 1; i <= 6; i++) cut += length(field[i])
  name = decoded(substr($0, cut))
  text = field[1] == "d" ? "d " field[2] " " field[3] " " field[4] : $0
  if (is_now) now_text[name] = text; else then_text[name] = text
  next
}
part == "taken" { if (!sub(/^\t/, "")) taken[decoded(substr($0, 3))] = substr($0, 1, 1); next }
{
  is_now = sub(/^\t/, "")
  take($0)
  if (is_now) { is[name] = kind; is_shape[name] = shape; is_face[name] = face; is_time[name] = time }
  else { was[name] = kind; was_shape[name] = shape; was_face[name] = face; was_time[name] = time }
}

END {
  for (at in now_text) if (!(at in then_text) || then_text[at] != now_text[at]) later[at]
  for (at in was) look_at_old(at, rule(at))
  for (at in is) if (!(at in was)) look_at_new(at, rule(at))
  for (at in want) inside[want[at] = top_of(at)]++
  for (at in inside) begin_with(at)
  for (at in want) {
    if (want[at] in blocked) {
      if (want[at] != at) fail(at, "its folder is not back, because something else stands there")
    } else { list(at); own(at); wanted++; if (was[want[at]] == "d") print encoded(at) > (to "/within") }
  }
  for (at in way) if (!(top_of(at) in blocked)) { list(at); print encoded(at) > (to "/within") }
  look_at_taken()
  look_at_links()
  for (key in words) flush(key)
  for (i = deepest; i > 0; i--)
    for (k = 1; k <= level[i]; k++) {
      at = made[i, k]
      print "at " quoted(parent(at)) "; " (at in hollows ? "hollow " : "emptied ") quoted(leaf(at)) > (to "/remove")
      worked[parent(at)]
    }
  for (at in dressed) { list(at); own(at); print "at " quoted(at) "; dress " dressed[at] > (to "/finish") }
  for (at in worked) stale[at]
  for (at in stale) {
    if (at == "." || at in differs || rule(at) == "leave" || (at in is && !(at in was)) || missing(at)) continue
    print "at " quoted(at) "; retime " (times == "text" ? "@" written[at] : ++models) > (to (parent(at) == "." ? "/last" : "/finish"))
    # What is staged loses its own time when something is moved out of it.
    if (times != "text") { list(at); print "model " quoted(at) " " models > (to "/models") }
  }
  if (conflicts > told_max) print "more_conflicts " conflicts - told_max > (to "/told")
  if (failures > told_max) print "more_failures " failures - told_max > (to "/told")
  # Folders that stand cost nothing to unpack.
  for (at in written) if (!(at in want)) standing++
  if (wanted + standing == entries) print "-" > (to "/all")
}

function look_at_old(at, by) {
  if (of_another(at)) return
  if (at in is && is[at] == was[at]) { if (brief == "full") look_at_changed(at, by); return }
  if (by == "leave" || (by == "deleted" && at in churns && !(at in is))) { differs[parent(at)]; return }
  if (was[at] == "s") { differs[parent(at)]; fail(at, "a socket can only be made by the program that listens on it"); return }
  if (mounted(at)) { fail(at, "another file system is mounted there"); return }
  want[at]
}

# The same type, and yet not the same.
function look_at_changed(at, by,  certain) {
  if ((by != "changed" && by != "exactly") || mounted(at)) return
  certain = is_shape[at] != was_shape[at]
  if (was[at] == "d") {
    if (is_time[at] != was_time[at]) stale[at]
    if (certain && at in later && later_is == "keep") conflict(at)
    else if (certain) dressed[at] = 1
    # Its lists and attributes may be others, which only its change time tells.
    else if (attributes == "yes") dressed[at] = 0
    return
  }
  if (was[at] == "s") { if (certain) fail(at, "a socket can only be made by the program that listens on it"); return }
  if (certain || is_face[at] != was_face[at]) {
    if (at in later && later_is == "keep") { conflict(at); return }
    swapped[at]
    if (at in later) { add("clear", "aside", at); add("make", "put", at) } else add("make", "swap", at)
    own(at)
  } else add("make", "doubt", at)
  list(at)
}

function look_at_new(at, by) {
  if (of_another(at)) return
  if (by != "exactly") {
    differs[parent(at)]
    if ((at in makes) && is[at] == "d" && !mounted(at)) { hollows[at]; clear_folder(at) }
    return
  }
  if (mounted(at)) { fail(at, "another file system is mounted there"); return }
  if (at in later && later_is == "keep") { conflict(at); return }
  if (is[at] == "d") clear_folder(at)
  else add("remove", at in later ? "aside" : "gone", at)
}

# The deepest go first.
function clear_folder(at,  depth) {
  depth = gsub(/\//, "/", at)
  if (depth > deepest) deepest = depth
  made[depth, ++level[depth]] = at
}

# Is this folder not there, or not as a folder?
function missing(at) { return at != "." && (at in was) && (!(at in is) || is[at] != "d" || was[at] != "d") }

# The outermost of what has to be made for this name, and all on the way to it.
function top_of(at,  folder) {
  folder = parent(at)
  if (!missing(folder)) return at
  if (!(folder in want)) way[folder]
  if (!(folder in tops)) tops[folder] = top_of(folder)
  return tops[folder]
}

function begin_with(at,  by) {
  if (at in is) {
    by = rule(at)
    # What the first look did not see is no work of the step.
    if (pass > 1 || by == "leave" || (at in later && (by == "deleted" || later_is == "keep"))) {
      blocked[at]
      conflict(at)
      return
    }
    if (at in later) add("clear", "aside", at)
    else if (is[at] == "d") add("clear", "empty", at)
    else if (was[at] == "d") add("clear", "drop", at)
    else { add("make", "swap", at); return }
  }
  add("make", was[at] == "d" ? "fold" : "put", at)
}

# What the step took, and someone has made anew: it stays, and is told if it is not the same.
function look_at_taken(  at, count) {
  for (at in taken) {
    if (at in want || rule(at) != "deleted" || (at in was && !(at in is)) || taken[at] == "d" || mounted(at)) continue
    if (++count > told_max) { conflicts++; continue }
    list(at)
    add("make", "anew", at)
  }
}

# What comes back under one name of a file is linked with the names that it still has.
function look_at_links(  at, node, count) {
  for (at in inode)
    if (!(at in want) && !(at in swapped) && !(at in was && !(at in is)) && !(at in is && is[at] != was[at])) still[inode[at]] = at
  for (at in inode) {
    node = inode[at]
    if (!(node in still) || !((at in want && !(want[at] in blocked)) || at in swapped)) continue
    if (++count > told_max) { fail(at, "it is back as a file of its own, apart from its other names"); continue }
    list(still[node])
    print "adopt " quoted(at) " " quoted(still[node]) > (to "/adopt")
  }
}
'

# What is staged, against what was to be: names of which the parents are there, one a line.
check_text=$awk_names'
part == "within" { within[$0]; next }
$0 in within { delete within[$0]; kept[$0]; next }
{ at = decoded($0); if (encoded(parent(at)) in within || encoded(parent(at)) in kept) print "unasked " quoted(at) }
END { for (at in within) print "lacking " quoted(decoded(at)) }
'
