# What this host is like, so that it can be held against others. Reads only, in bounded time; what
# can't be told is left empty.

# Whether the path $1 is a mount of its own, on what it lies, and how that is mounted.
mount_facts() {
  at=$1 awk "$awk_mount"'
    END {
      count = split(options, each, ",")
      for (i = 1; i <= count; i++) if (each[i] ~ /^(ro|noexec|nosuid|nodev)$/) traits = traits " " each[i]
      print (best == ENVIRON["at"] ? "own" : "shared"), type traits
    }' /proc/mounts 2>/dev/null
}

# The age after which systemd-tmpfiles(8) takes things out of the folder $1; nothing when it does not.
cleaner_age() {
  cat /etc/tmpfiles.d/*.conf /run/tmpfiles.d/*.conf /usr/lib/tmpfiles.d/*.conf 2>/dev/null |
    at=$1 awk '$1 ~ /^[dDqQvVeE]/ && $6 != "" && $6 != "-" {
        path = $2; sub(/\/$/, "", path)
        if (index(ENVIRON["at"] "/", path "/") == 1 && length(path) >= length(best)) { best = path; age = $6 }
      }
      END { print age }'
}

# How much of the file system at $2 is free, of blocks (-Pk) or inodes (-Pi), in percent.
free_percent() {
  df "$1" "$2" 2>/dev/null | awk 'NR > 1 { line = line " " $0 }
    END { if (match(line, / [0-9]+% /)) print 100 - substr(line, RSTART + 1, RLENGTH - 3) }'
}

# Entries below ./$name, and the seconds since the oldest and the newest of them were changed; nothing
# where there was no time for all of them.
ages_of() {
  {
    if [ "$finder" = printf ]; then
      within_time find "./$name" -mindepth 1 -xdev -printf '%T@\n' 2>/dev/null
    else
      within_time find "./$name" -mindepth 1 -xdev -exec stat -c %Y {} + 2>/dev/null
    fi
    [ $? -ge 124 ] || echo end
  } | awk -v now="$(date +%s)" '
    $1 == "end" { complete = 1; next }
    { count++ }
    count == 1 || $1 < oldest { oldest = $1 }
    count == 1 || $1 > newest { newest = $1 }
    END { if (!complete) exit; if (count) printf "%d %.0f %.0f\n", count, now - oldest, now - newest; else print "0" }'
}

describe() { # path…
  bound_time
  os=$(sed -n 's/^PRETTY_NAME="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' /etc/os-release 2>/dev/null | head -n 1)
  up=
  read -r up _ 2>/dev/null </proc/uptime
  frame HOST-IS "$os" "${up%%.*}"
  for path do
    part
    if ! enter "$top" || { [ ! -e "./$name" ] && [ ! -L "./$name" ]; }; then
      cd /
      frame PATH-IS no '' '' '' '' '' '' ''
      continue
    fi
    kind=$(stat -c '%F' "./$name" 2>/dev/null)
    rights=$(stat -c '%a %U:%G' "./$name" 2>/dev/null)
    frame PATH-IS yes "$kind" "$rights" "$(mount_facts "$path")" "$(free_percent -Pk "./$name")" \
      "$(free_percent -Pi "./$name")" "$(cleaner_age "$path")" "$(ages_of)"
    cd /
  done
}

# What systemd(1) knows of units: the state of each, the seconds since it came into it, and how often
# it was started anew because it had failed; nothing where there is no systemd to ask.
describe_units() { # unit…
  bound_time
  up=
  read -r up _ 2>/dev/null </proc/uptime
  for unit do
    told=
    ! command -v systemctl >/dev/null 2>&1 ||
      told=$(within_time systemctl show -p LoadState -p ActiveState -p StateChangeTimestampMonotonic -p NRestarts -- "$unit" 2>/dev/null)
    frame UNIT-IS "$(printf '%s\n' "$told" | awk -F= -v up="${up%%.*}" '
      { value[$1] = $2 }
      END {
        if (value["LoadState"] == "") exit
        if (value["LoadState"] != "loaded") { print value["LoadState"]; exit }
        printf "%s", value["ActiveState"]
        since = value["StateChangeTimestampMonotonic"]
        if (since ~ /^[1-9][0-9]*$/ && up != "") printf " %d", up - since / 1000000
        else printf " -"
        print " " value["NRestarts"]
      }')"
  done
}
