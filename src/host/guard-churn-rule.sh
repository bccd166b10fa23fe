# The rule of docs/churn.md, in awk: portable to mawk, gawk and BusyBox. No line has a zero byte here: a
# newline in a name, which manifests keep as a zero byte, has become \001.

# Reads `differences` line by line. Lines of one path stand together: `pair()` is called where there are
# two, `gone()` and `come()` where there is one, with `kind`, `path`, `line`, `number` and `born`, the older
# of its two times in seconds since 1970. find prints seconds; stat prints a date in UTC.
awk_manifest='
function take(  i, at) {
  at = 1
  for (i = 1; i <= 9; i++) at += length($i) + 1
  at = substr($0, at)
  number++
  if (sign != "" && at == path) {
    pair()
    sign = ""
    return
  }
  settle()
  sign = substr($0, 1, 1); kind = substr($1, 2); path = at; line = substr($0, 2)
  born = birth(); times = $8 " " $9; first = number
}
function settle() {
  if (sign == "-") gone()
  else if (sign == "+") come()
}
function birth(  written, changed) {
  written = seconds($8)
  changed = seconds($9)
  return written < changed ? written : changed
}
function seconds(time,  year, month, era, of_era, day) {
  if (index(time, "T") == 0) return time + 0
  year = substr(time, 1, 4) + 0; month = substr(time, 6, 2) + 0; day = substr(time, 9, 2) + 0
  if (month <= 2) { year--; month += 12 }
  era = int(year / 400)
  of_era = year - era * 400
  day = era * 146097 + of_era * 365 + int(of_era / 4) - int(of_era / 100) + int((153 * (month - 3) + 2) / 5) + day - 719469
  return day * 86400 + substr(time, 12, 2) * 3600 + substr(time, 15, 2) * 60 + substr(time, 18)
}
'

# A shape is what names that a program makes have in common. `fine`: numbers and hexadecimal runs are
# all the same. `wide`: of longer words only their length is left, for names made of random letters.
awk_shapes='
function fine_part(text,  out, run) {
  gsub(uuid, "#", text)
  while (match(text, /[0-9A-Za-z]+/)) {
    run = substr(text, RSTART, RLENGTH)
    out = out substr(text, 1, RSTART - 1)
    text = substr(text, RSTART + RLENGTH)
    if (length(run) >= 6 && run ~ /[0-9]/ && (run ~ /^[0-9a-f]+$/ || run ~ /^[0-9A-F]+$/)) run = "#"
    else gsub(/[0-9]+/, "#", run)
    out = out run
  }
  return out text
}
function wide_part(text,  out, run) {
  while (match(text, /[0-9A-Za-z_]+/)) {
    run = substr(text, RSTART, RLENGTH)
    out = out substr(text, 1, RSTART - 1)
    text = substr(text, RSTART + RLENGTH)
    if (run ~ /[^0-9]/ && length(run) >= 5) run = "%" length(run)
    else gsub(/[0-9]+/, "#", run)
    out = out run
  }
  return out text
}
function shapes(  cut, folder, last) {
  cut = length(path)
  while (cut > 0 && substr(path, cut, 1) != "/") cut--
  folder = substr(path, 1, cut)
  last = substr(path, cut + 1)
  if (!(folder in fine_folder)) {
    fine_folder[folder] = fine_part(folder)
    wide_folder[folder] = wide_part(folder)
  }
  fine = kind fine_folder[folder] fine_part(last)
  wide = kind wide_folder[folder] wide_part(last)
  gsub(blank, "?", fine)
  gsub(blank, "?", wide)
}
BEGIN {
  hex = "[0-9a-fA-F]"
  hex = hex hex hex hex
  uuid = hex hex "-" hex "-" hex "-" hex "-" hex hex hex
  blank = "[\001-\040\177]"
}
'

# What went in one quiet window: lines for `life`; prints how many, and whether anything came or went.
awk_window='
function pair() { if (kind == "d" && times != $8 " " $9) lives = "yes" }
function come() { lives = "yes" }
function gone(  key, age) {
  lives = "yes"
  shapes()
  key = fine " " wide
  count[key]++
  age = then - born
  if (age > oldest[key]) oldest[key] = age
}
BEGIN { lives = "no" }
{ take() }
END {
  settle()
  for (key in count) {
    printf "l %d %.0f %s\n", count[key], oldest[key], key >>life
    lines++
  }
  print lines + 0, lives
}
'

# What a step took, but for what is churn: the lines of the snapshot.
awk_harm='
function pair() { }
function come() { }
function gone() { if (!(first in churn)) print line }
part == "churn" { churn[$1]; next }
{ take() }
END { settle() }
'

# Which of what is gone is churn.
awk_rule='
BEGIN {
  # Twice as many as were seen to go in such a time, and a few more, but not where fewer went.
  times_seen = 2; few = 3
  # Stretches that are a little longer than the step was are counted whole.
  about = 1.25
  # Random names are known by these many of different shape.
  random_names = 3
  # An entry that was there so many times longer than such entries live is none of them, but nothing
  # is old that is this many seconds old.
  lives_long = 10; young = 10
}
part == "life" && $1 == "w" {
  from[++windows] = $2; to[windows] = $3
  chain[windows] = windows > 1 && to[windows - 1] == $2 ? chain[windows - 1] : windows
  watched += $3 - $2
  next
}
part == "life" {
  # Of what was lost before the first window that is still known, nobody knows in what time.
  if (windows == 0) next
  lose($4, $2, $3)
  lose("% " $5, $2, $3)
  if (!(($5, $4) in known)) { known[$5, $4]; varied[$5]++ }
  next
}
part == "harmed" { harmed[$0]; next }
{ take() }
function lose(class, count, age) {
  seen[class] += count
  if (age > oldest[class]) oldest[class] = age
  hits[class] = hits[class] windows " " count " "
}
function pair() { }
function come() { }
function gone(  class) {
  shapes()
  if (fine in seen) class = fine
  else if (varied[wide] >= random_names) class = "% " wide
  else return
  lost[class]++
  # Never the protected path itself, and no name with a newline, which no list of names can hold.
  if (path !~ /^\.\/[^\057]+\// || index(path, "\001") || index(path, "//n") || line in harmed) return
  answer[first] = by == "by_name" ? path : first
  class_of[first] = class
  birth_of[first] = born
}

# How many entries of this class may go in the time that the step took, by what was seen: the most in
# any stretch of about that time, or what all windows together would give, if that is more. With the
# root of each count for chance.
function most(class,  words, count, i, start, sum, best, span) {
  best = likely(seen[class]) * took / watched
  count = split(hits[class], words, " ")
  start = 1
  for (i = 1; i < count; i += 2) {
    span = to[words[i]] - from[words[i]]
    if (span > about * took) {
      best = larger(best, likely(words[i + 1]) * took / span)
      start = i + 2; sum = 0
      continue
    }
    sum += words[i + 1]
    while (chain[words[start]] != chain[words[i]] || to[words[i]] - from[words[start]] > about * took) {
      sum -= words[start + 1]
      start += 2
    }
    best = larger(best, likely(sum))
  }
  return best
}
# Not every awk has a square root.
function likely(count,  root, i) {
  root = count
  for (i = 0; i < 40 && root * root > count; i++) root = (root + count / root) / 2
  return count + root
}
function larger(one, other) { return other > one ? other : one }

END {
  settle()
  for (class in lost) {
    extra = seen[class] < few ? seen[class] : few
    churns[class] = lost[class] <= times_seen * most(class) + extra
    too_old[class] = larger(lives_long * oldest[class], young)
  }
  for (at in answer)
    if (churns[class_of[at]] && then - birth_of[at] <= too_old[class_of[at]]) print answer[at]
}
'
