# Content out of the snapshots. Whoever calls `unpack` has a working folder `work` of its own.

# What the snapshot $1 says of its tree number $2: `complete`, its folder; `path`, `top` and `name`;
# `is`; `base`, the file with its whole manifest; `layers`. False when there is no such number.
recall() {
  complete=$home/snapshots/$1
  [ -f "$complete/$2.path" ] || return 1
  path=$(cat -- "$complete/$2.path" && printf .)
  path=${path%.}
  read_is "$complete" "$2"
  is=$told
  base=/dev/null
  [ -z "$earlier_base" ] || base=$home/snapshots/$earlier_base
  part
}

# Puts what the snapshot $1 holds of its tree number $2 under the names in the file $3 ("./NAME/…",
# each ended by a zero byte) into the folder $4, as $4/./NAME/…, with the folders on the way to them;
# $3 is "-": everything. A name that it does not hold is no error. False when it failed, and `trouble`
# says why, "disk-full" where there was no room.
unpack() {
  recall "$1" "$2" || { trouble="there is no such tree"; return 1; }
  [ "$is" = kept ] || return 0
  into=$4 trouble=
  # The oldest first: so a folder gets its times when nothing comes into it any more.
  set -- "$3" $layers
  if [ "$1" = - ] && { [ $# -le 2 ] || [ "$uid" = 0 ]; }; then
    while [ $# -gt 1 ]; do
      eval "layer=\${$#}"
      unpack_whole "$home/snapshots/${layer%=*}" || return 1
      layers=${layers%"$layer "}
      set -- - $layers
    done
    return
  fi
  if [ "$1" = - ]; then
    # A folder that its owner may not write to must be laid once only.
    cut -d ' ' -f 10- "$base" | sort >"$work/unpack.wanted"
  else
    as_lines <"$1" | with_parents | sort -u >"$work/unpack.wanted"
  fi
  : >"$work/unpack.extra"
  case $layers in *.tar=*) with_links || { trouble=disk-full; return 1; } ;; esac
  share_out "$@" && take_away_extra
}

# Goes through the layers from the newest to the oldest, gives each the names of which it has the newest
# copy, and then lays them in the other order.
share_out() { # list or -, layers
  shift
  turn=0
  for layer do
    turn=$((turn + 1))
    share=$work/unpack.$turn stored=$home/snapshots/${layer%.*}
    names=/dev/null gone=/dev/null
    [ ! -f "$stored.gone" ] || gone=$stored.gone
    [ ! -f "$stored.names" ] || names=$stored.names
    case $names$layer in
      /dev/null*.none=*) ;;
      /dev/null*) gone=/dev/null names=$work/unpack.wanted ;;
    esac
    awk -v share="$share" 'part == "names" { has[$0]; next }
      part == "gone" { gone[$0]; next }
      $0 in has { print >share; next }
      !($0 in gone)' part=names "$names" part=gone "$gone" part=wanted "$work/unpack.wanted" >"$work/unpack.rest" &&
      mv -f -- "$work/unpack.rest" "$work/unpack.wanted" || { trouble=disk-full; return 1; }
  done
  while [ "$turn" -gt 0 ]; do
    eval "layer=\${$turn}"
    share=$work/unpack.$turn
    if [ -s "$share" ]; then unpack_share || return 1; fi
    rm -f -- "$share"
    turn=$((turn - 1))
  done
}

# A link to a file needs that file, whichever of its names an archive has it under: adds the other
# names of what is wanted to it, with the folders on the way to them, and notes them in unpack.extra.
with_links() {
  grep -a '^[^d] \([2-9]\|1[0-9]\)' "$base" >"$work/unpack.linked" || return 0
  awk "$awk_path"' part == "wanted" { wanted[$0]; next }
    { path = path_of() }
    part == "first" { if (path in wanted) inode[$7]; next }
    $7 in inode && !(path in wanted) { print path }' part=wanted "$work/unpack.wanted" \
    part=first "$work/unpack.linked" part=second "$work/unpack.linked" >"$work/unpack.extra" || return 1
  [ ! -s "$work/unpack.extra" ] ||
    { with_parents <"$work/unpack.extra" | sort -u - "$work/unpack.wanted" >"$work/unpack.more" && mv -f -- "$work/unpack.more" "$work/unpack.wanted"; }
}

take_away_extra() {
  [ -s "$work/unpack.extra" ] || return 0
  as_list <"$work/unpack.extra" >"$work/unpack.list"
  sed 's|/[^/]*$||' "$work/unpack.extra" | sort -u | as_list >"$work/unpack.folders"
  # That changes the times of the folders they are in.
  (cd -- "$into" && tar $tar_flags --null --no-recursion --no-unquote -T "$work/unpack.folders" -cf "$work/unpack.tar" &&
    xargs -0 rm -f -- <"$work/unpack.list" && exec tar $tar_flags -xpf "$work/unpack.tar") >"$work/unpack.said" 2>&1
  rm -f -- "$work/unpack.tar"
  went_well
}

# Paths, one a line, each with the folders on the way to it after it.
with_parents() {
  awk '{ print; path = $0
    while (match(path, /\/([^\057]|\/\/n)*$/) && RSTART > 2) {
      path = substr(path, 1, RSTART - 1)
      if (path in told) break
      told[path]
      print path
    } }'
}

# sh: takes these names away, but none to which a link is on the way: an older layer may hold a link
# where a folder was later, and it leads anywhere.
take_away='for it do
    shift
    way=${it%/*}
    while case $way in */*) [ ! -L "$way" ] ;; *) false ;; esac do way=${way%/*}; done
    case $way in */*) ;; *) set -- "$@" "$it" ;; esac
  done
  [ $# -eq 0 ] || exec rm -rf -- "$@"'

# The layer $layer, all of it, over what older ones have brought.
unpack_whole() {
  stored=$home/snapshots/${layer%=*}
  [ ! -f "${stored%.*}.gone" ] || as_list <"${stored%.*}.gone" | (cd -- "$into" && xargs -0 sh -c "$take_away" sh)
  case $layer in
    *.tar=*) tar -C "$into" $tar_flags -b 512 -xpf "$stored" >"$work/unpack.said" 2>&1 ;;
    *.tree=*) copy_layer ;;
    *) : >"$work/unpack.said" ;;
  esac
  went_well
}

# The names in the file $share out of the layer $layer.
unpack_share() {
  stored=$home/snapshots/${layer%=*}
  case $layer in
    *.tar=*) unpack_members ;;
    *) as_list <"$share" >"$work/unpack.list" && copies within "$stored" "$into" "$work/unpack.list" >"$work/unpack.said" 2>&1 ;;
  esac
  went_well
}

# What tools say that is no failure: a plain user can't give things away or make devices, and the spool
# may be on a file system that knows less than the tree's. What is told as lost is told by `snapshot`.
went_well() {
  [ -s "$work/unpack.said" ] || return 0
  ! grep -q 'o space left' "$work/unpack.said" || { trouble=disk-full; return 1; }
  trouble=$(as_messages "$work/unpack.said" |
    grep -v -e 'Operation not permitted$' -e 'Operation not supported$' -e 'Cannot stat: No such file or directory$' \
    -e 'implausibly old time stamp' -e ' s in the future$' -e 'due to previous errors$' | tail -c 4096)
  [ -z "$trouble" ]
}
