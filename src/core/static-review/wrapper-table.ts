/** How a command that runs another one is written. */
export interface WrapperRow {
  /** Words of its own before the other command: a time, a lock file. */
  readonly own?: number;
  /** Options that take the next word as their value. */
  readonly valued?: string;
  /** Takes `NAME=value` before the command. */
  readonly sets?: true;
  /** The option whose value is the folder that the command runs in. */
  readonly folder?: string;
  /** The option whose value is a command line. */
  readonly text?: string;
}

/** Commands that run the command that follows them; one line each. */
export const wrapperTable: Readonly<Record<string, WrapperRow>> = {
  sudo: {
    valued: "-u --user -g --group -h -p -C -r -t -T -U -D --chdir",
    sets: true,
    folder: "-D --chdir",
  },
  doas: { valued: "-u -C" },
  su: { valued: "-s --shell -g -G -w", own: 1, text: "-c --command" },
  runuser: { valued: "-u --user -g -G -s", text: "-c --command" },
  env: {
    valued: "-u --unset -C --chdir",
    sets: true,
    folder: "-C --chdir",
    text: "-S --split-string",
  },
  nohup: {},
  setsid: {},
  setpriv: { valued: "--reuid --regid --groups" },
  nice: { valued: "-n --adjustment" },
  ionice: { valued: "-c --class -n --classdata" },
  chrt: { own: 1 },
  taskset: { own: 1 },
  timeout: { own: 1, valued: "-s --signal -k --kill-after" },
  stdbuf: { valued: "-i -o -e" },
  time: { valued: "-f -o" },
  command: {},
  builtin: {},
  exec: { valued: "-a" },
  busybox: {},
  toybox: {},
  strace: { valued: "-e -o -p -s -f" },
  ltrace: { valued: "-e -o" },
  unshare: {},
  chronic: {},
  flock: { own: 1, valued: "-w --timeout -E", text: "-c --command" },
  "run-one": {},
  daemonize: { valued: "-c -e -o -p -u -l" },
  "systemd-cat": { valued: "-t -p" },
  watch: { valued: "-n" },
  eatmydata: {},
  fakeroot: {},
};
