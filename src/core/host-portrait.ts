import type { PathText } from "./path-text.ts";
import type { Fact } from "./outliers.ts";

/** What a host is like, as far as it can tell. */
export interface HostPortrait {
  /** As it calls itself: "Debian GNU/Linux 12 (bookworm)". */
  readonly os: string | null;
  readonly upSeconds: number | null;
  /** In the order asked for. */
  readonly paths: readonly PathPortrait[];
  /** In the order asked for; absent: nobody asked. */
  readonly units?: readonly UnitPortrait[];
}

/** What systemd says of a unit; null where it can't be told. */
export interface UnitPortrait {
  /** "active", or "not-found" */
  readonly state: string | null;
  /** Seconds that it has been so. */
  readonly seconds: number | null;
  /** How often systemd has started it anew by itself. */
  readonly restarts: number | null;
}

/** What a plan calls the things that a host was asked about, in the order asked for. */
export interface Written {
  readonly paths: readonly string[];
  readonly units: readonly string[];
}

/** What a protected path is like; null where it can't be told. */
export interface PathPortrait {
  readonly path: PathText;
  readonly exists: boolean;
  /** As stat(1) says it: "directory". */
  readonly kind: string | null;
  /** "1777 root:root" */
  readonly rights: string | null;
  /** "own tmpfs nosuid nodev": a mount of its own or a shared one, the file system, what else matters. */
  readonly mount: string | null;
  /** Percent free of blocks and inodes. */
  readonly free: number | null;
  readonly freeInodes: number | null;
  /** Age after which systemd-tmpfiles(8) takes things out of it: "10d". */
  readonly cleanedAfter: string | null;
  readonly entries: number | null;
  /** Seconds since its oldest and its newest entry was changed. */
  readonly oldestSeconds: number | null;
  readonly newestSeconds: number | null;
}

/** Percent free, entries, hours and restarts that are near enough to be no matter. */
const near = { percent: 20, entries: 50, hours: 24, restarts: 5 };

/**
 * What of a host can be held against other hosts. Paths and units are named as the plan writes them,
 * because instances have them in different places.
 */
export function factsOf(
  host: { readonly kernel: string; readonly userland: string; readonly tools: readonly string[] },
  portrait: HostPortrait,
  written: Written,
): readonly Fact[] {
  return [
    { about: "the system", value: known(portrait.os) },
    { about: "the kernel", value: host.kernel },
    { about: "the userland", value: host.userland },
    { about: "the set of tools", value: [...host.tools].sort().join(" ") || "empty" },
    ...hours("the hours since its start", portrait.upSeconds),
    ...portrait.paths.flatMap((it, at): readonly Fact[] => {
      const path = written.paths[at] ?? it.path;
      if (!it.exists) return [{ about: `what ${path} is`, value: "not there" }];
      return [
        { about: `what ${path} is`, value: known(it.kind) },
        { about: `the mode and owner of ${path}`, value: known(it.rights) },
        { about: `the mount of ${path}`, value: known(it.mount) },
        {
          about: `the cleaner of ${path}`,
          value: it.cleanedAfter === null ? "none" : `systemd-tmpfiles after ${it.cleanedAfter}`,
        },
        ...number(`the space free at ${path}`, it.free, { unit: "%", near: near.percent }),
        ...number(`the inodes free at ${path}`, it.freeInodes, { unit: "%", near: near.percent }),
        ...number(`the entries in ${path}`, it.entries, { unit: "entries", near: near.entries }),
        ...hours(`the hours since anything in ${path} changed`, it.newestSeconds),
        ...hours(`the age of the oldest entry in ${path}, in hours`, it.oldestSeconds),
      ];
    }),
    ...(portrait.units ?? []).flatMap((it, at): readonly Fact[] => {
      const unit = `unit ${written.units[at] ?? "?"}`;
      if (it.state === null) return [];
      return [
        { about: `the state of ${unit}`, value: it.state },
        ...hours(`the hours since ${unit} changed its state`, it.seconds),
        ...number(`the restarts of ${unit} by systemd`, it.restarts, { near: near.restarts }),
      ];
    }),
  ];
}

function hours(about: string, seconds: number | null): readonly Fact[] {
  return number(about, seconds === null ? null : Math.round(seconds / 3600), { near: near.hours });
}

function number(
  about: string,
  value: number | null,
  more: { readonly unit?: string; readonly near: number },
): readonly Fact[] {
  return value === null ? [] : [{ about, value, ...more }];
}

function known(value: string | null): string {
  return value === null || value === "" ? "not known" : value;
}
