# What must outlive the login that started it, the switches and the commands that run: systemd-logind
# ends all that is left in the scope of a session, where KillUserProcesses=yes (logind.conf(5)).

# Words that start something outside of the session, as `scoped`; empty where that can't be, or is not
# needed. A switch is told it.
find_scope() {
  scoped=
  [ -d /run/systemd/system ] || return 0
  if [ "$uid" = 0 ]; then
    ! systemd-run --quiet --scope true 2>/dev/null || scoped='systemd-run --quiet --scope'
    return
  fi
  # Without lingering the user's own manager ends with the last session, and all that it has.
  [ "$(loginctl show-user "$uid" -p Linger 2>/dev/null)" = Linger=yes ] || return 0
  scoped="env XDG_RUNTIME_DIR=/run/user/$uid systemd-run --user --quiet --scope"
  $scoped true 2>/dev/null || scoped=
}

# Why what we start may be ended when the login is over; nothing where we know of no reason.
logout_fault() {
  [ -z "$scoped" ] && [ "$uid" != 0 ] && [ -d /run/systemd/system ] || return 0
  owner=$(sed -n 's|.*/user-\([0-9][0-9]*\)\.slice/session-[^/]*\.scope.*|\1|p' /proc/self/cgroup 2>/dev/null)
  [ -n "$owner" ] || return 0
  owner=$(id -un "$owner" 2>/dev/null || echo "$owner")
  does=ends
  case $(ask_logind KillUserProcesses) in
    'b true') ;;
    'b false') return ;;
    *)
      # The service's own default is not the same everywhere, and only some files say it.
      case $(grep -hs '^KillUserProcesses=' /etc/systemd/logind.conf /etc/systemd/logind.conf.d/*.conf \
        /run/systemd/logind.conf.d/*.conf /usr/lib/systemd/logind.conf.d/*.conf /usr/lib/systemd/logind.conf) in
        '') does='may end' ;;
        *=[yY1tT]* | *=on*) ;;
        *) return ;;
      esac
      ;;
  esac
  case $(ask_logind KillExcludeUsers) in *"\"$owner\""*) return ;; esac
  case $(ask_logind KillOnlyUsers) in '' | 'as 0' | *"\"$owner\""*) ;; *) return ;; esac
  printf '%s' "systemd-logind $does what a session of $owner leaves behind (KillUserProcesses); let an administrator allow $(id -un) to linger: loginctl enable-linger $(id -un)"
}

ask_logind() { # property
  busctl --system --timeout=2 get-property org.freedesktop.login1 /org/freedesktop/login1 \
    org.freedesktop.login1.Manager "$1" 2>/dev/null
}
