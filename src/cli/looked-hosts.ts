import type { Failure } from "../core/failure.ts";
import { factsOf } from "../core/host-portrait.ts";
import type { Fact } from "../core/outliers.ts";
import { missingTool, preflightTrouble } from "../core/preflight-trouble.ts";
import { snapshotMs, type SnapshotNeeds, snapshotNeeds } from "../core/verdict/snapshot-needs.ts";
import type { GuardDoor, HostFacts, HostLook } from "../ports/guard.ts";
import type { PreviewHost } from "../views/preview-hosts.ts";
import { filesOf, foreseeSteps, type Foresight } from "./foresee-steps.ts";
import { type LookedHost, lookAtHosts } from "./host-looks.ts";
import type { PlannedHost, PlannedPlace } from "./planned-steps.ts";

export interface LookOptions {
  readonly door: GuardDoor;
  readonly concurrency: number;
  /** Told of each host as soon as it has been looked at. */
  readonly tell?: (host: PreviewHost) => void;
  /** Fingerprint what a preview of the plan stands on; default: no. */
  readonly withPrints?: boolean;
  /** Ask what each host is like, to hold them against each other; default: no. */
  readonly withFacts?: boolean;
  /** Hold what the steps would write against what is there; default: no. */
  readonly foresight?: Foresight | null;
}

/** Looks at every host of a plan, read-only, and says what a rollout would meet there. */
export async function lookedHosts(
  planned: readonly PlannedHost[],
  { door, concurrency, tell, withPrints = false, withFacts = false, foresight }: LookOptions,
): Promise<readonly PreviewHost[]> {
  const plans = new Map(planned.map((it) => [it.host, it]));
  const asked = planned.map(({ host, paths, prints, protects, units, changes }) => {
    const files = foresight == null ? [] : filesOf(changes());
    return {
      host,
      paths,
      ...(withFacts
        ? { described: protects.map(({ path }) => path), units: units.map(({ unit }) => unit) }
        : {}),
      ...(withPrints ? { prints } : {}),
      ...(files.length === 0 ? {} : { files }),
    };
  });
  return await lookAtHosts(asked, {
    door,
    rollout: "preview",
    concurrency,
    tell: (looked) => {
      const plan = plans.get(looked.host)!;
      const host = previewHost(looked, plan);
      tell?.(host);
      return foresight == null ? host : { ...host, foreseen: foreseenOn(looked, plan, foresight) };
    },
  });
}

function foreseenOn(looked: LookedHost, { changes }: PlannedHost, foresight: Foresight) {
  if (looked.is === "unseen") return [];
  const { files = [], look, host } = looked;
  const seen = new Map(files.map(({ path }, at) => [path, look.files![at]!]));
  return foreseeSteps(changes(), seen, { ...foresight, host: host.name });
}

const nothing: SnapshotNeeds = { entries: 0, bytes: 0, spoolBytes: 0, inodes: 0 };

function previewHost(
  looked: LookedHost,
  { instances, protects, units, places, needs: tools }: PlannedHost,
): PreviewHost {
  const { host, paths } = looked;
  const seen = looked.is === "seen" ? looked : null;
  const look: HostLook | null = seen?.look ?? null;
  const trees = look?.trees ?? [];
  const copies = seen !== null && seen.facts.userland !== "gnu";
  const needs = look === null ? nothing : snapshotNeeds(trees, { paths, copies });
  const there = trees.filter(({ exists }) => exists);
  const { name, spool } = host;
  return {
    name,
    instances,
    failure: looked.is === "unseen" ? briefly(looked.failure) : null,
    says: seen === null ? "" : factsWords(seen.facts, host.via),
    lock: look?.lock ?? null,
    spool: {
      path: spool,
      ...(look?.spool ?? { exists: false, fault: "", freeBytes: null, freeInodes: null }),
    },
    ...factsSeen(seen, { instance: "", protects, units }, places),
    ...(look?.prints === undefined ? {} : { prints: look.prints }),
    protected: {
      trees: there.length,
      entries: trees.reduce((sum, { entries }) => sum + entries, 0),
      bytes: trees.reduce((sum, { bytes }) => sum + bytes, 0),
      unfinished: trees.some(({ unfinished }) => unfinished === true),
      each: there.map(({ path, entries, bytes }) => ({
        path,
        written: protects.find((it) => it.path === path)?.written ?? null,
        entries,
        bytes,
      })),
    },
    needs: {
      bytes: needs.spoolBytes,
      inodes: needs.inodes,
      ms:
        look?.walkedMs === undefined
          ? null
          : snapshotMs(needs, { trees: there.length, walkedMs: look.walkedMs }),
    },
    losses: [
      ...(seen?.facts.losses ?? []),
      ...trees.flatMap(({ path, losses }) => losses.map((loss) => `${loss} in ${path}`)),
    ],
    preventionFault: seen?.facts.preventionFault ?? "",
    logoutFault: seen?.facts.logoutFault ?? "",
    troubles: seen === null ? [] : troublesOf(seen, { tools, needs }).map(briefly),
  };
}

/** What the host is like: for all of its instances together, and for each. */
function factsSeen(
  seen: Extract<LookedHost, { is: "seen" }> | null,
  all: PlannedPlace,
  places: readonly PlannedPlace[],
): Pick<PreviewHost, "facts" | "places"> {
  const portrait = seen?.look.portrait;
  if (seen === null || portrait === undefined) return { facts: [] };
  // Each path and unit was asked about once, in the order of all together.
  const paths = new Map(all.protects.map(({ path }, at) => [path, portrait.paths[at]!]));
  const units = new Map(all.units.map(({ unit }, at) => [unit, portrait.units?.[at]]));
  const factsFor = (place: PlannedPlace): readonly Fact[] =>
    factsOf(
      seen.facts,
      {
        ...portrait,
        paths: place.protects.map(({ path }) => paths.get(path)!),
        units: place.units.flatMap(({ unit }) => units.get(unit) ?? []),
      },
      {
        paths: place.protects.map(({ written }) => written),
        units: place.units.map(({ written }) => written),
      },
    );
  return {
    facts: factsFor(all),
    places: places.map((place) => ({ instance: place.instance, facts: factsFor(place) })),
  };
}

/** What a preflight would refuse there, in its order. */
function troublesOf(
  { host, facts, look }: Extract<LookedHost, { is: "seen" }>,
  it: { readonly tools: PlannedHost["needs"]; readonly needs: SnapshotNeeds },
): readonly Failure[] {
  const { name, spool } = host;
  const missing = it.tools.filter(({ tool }) => !facts.tools.includes(tool));
  const order = { host: name, spool, rollout: "preview", needs: it.needs };
  return [...missing.map((tool) => missingTool(name, tool)), ...preflightTrouble(look, order)];
}

function briefly({ code, message, hint }: Failure): Pick<Failure, "code" | "message" | "hint"> {
  return { code, message, hint };
}

function factsWords({ uid, kernel, userland, tools }: HostFacts, via: string): string {
  const who = uid === 0 ? "as root" : `as user ${uid}`;
  const has = tools.length === 0 ? "none of the optional tools" : [...tools].sort().join(" ");
  return `via ${via}, ${who}, ${kernel}, ${userland} userland, has ${has}`;
}
