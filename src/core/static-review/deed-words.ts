import { durationText } from "../plan/durations.ts";
import type { Policy } from "../plan/plan.ts";
import type { Deed, FindingId } from "./finding.ts";
import type { Relation } from "./path-pattern.ts";
import type { GroundPath } from "./protected-ground.ts";
import type { PathDeed } from "./shell-trace.ts";

/** What a deed would do to something protected, and which policy minds: one sentence. */
export function deedWords(
  deed: PathDeed,
  protects: GroundPath,
  { relation, isCertain }: { readonly relation: Relation; readonly isCertain: boolean },
): string {
  const isPerhaps = !isCertain && (deed.does === "overwrites" || deed.does === "replaces");
  const when = isPerhaps && !deed.deep ? ", where something is there already" : "";
  return `would ${verbs[deed.does]}${objectOf(deed)}${placed(protects.path, relation, deed)}${when}: ${reason(protects.policy)}${doubts(deed)}`;
}

/** The same where nobody can tell beforehand which path it is. */
export function unresolvedWords(deed: PathDeed, near: GroundPath | null): string {
  const where =
    near === null
      ? "and nobody can tell beforehand where that is"
      : `which may be the protected ${near.path}, or in it: ${reason(near.policy)}`;
  return `would ${verbs[deed.does]} ${deed.path.shown}, ${where}`;
}

const verbs: Readonly<Record<Deed, string>> = {
  deletes: "take away",
  empties: "empty",
  changes: "change the content of",
  overwrites: "write over",
  replaces: "put a link in the place of",
  "changes-mode": "change mode, owner or attributes of",
  hides: "mount over or unmount",
};

function objectOf({ path, some, deep, does }: PathDeed): string {
  const all = deep && does === "changes-mode" ? " and everything below" : "";
  return some ? ` what it finds in ${path.shown}` : ` ${path.shown}${all}`;
}

function placed(path: string, { is }: Relation, { some }: PathDeed): string {
  switch (is) {
    case "same":
      return ", which is protected";
    case "inside":
      return `, inside of the protected ${path}`;
    case "above":
      return some ? `, where the protected ${path} lies` : `, and with it the protected ${path}`;
  }
}

function reason(policy: Policy): string {
  switch (policy.kind) {
    case "keep":
      return "policy keep lets nothing go";
    case "keep-content":
      return "policy keep-content lets nothing go or change";
    case "regenerates":
      return `policy regenerates wants back within ${durationText(policy.withinMs)} what goes`;
    case "may-change":
      return "policy may-change has it recorded, which is not possible then";
  }
}

function doubts({ path, own }: PathDeed): string {
  if (own !== null) return "; the step makes it itself, unless it is there already";
  return path.guessed ? "; that is where ~ usually leads" : "";
}

/** What a note asks about; `about` is a program, a path or a part of the text. */
export function noteWords(id: FindingId, about: string): string {
  const words = notes[id];
  if (words === undefined) throw new Error(`no sentence for a note "${id}"`);
  return words(about);
}

const notes: Readonly<Partial<Record<FindingId, (about: string) => string>>> = {
  "network-into-shell": (about) =>
    `would run what was just fetched from the network, whatever that is by then (${about})`,
  restarts: (about) =>
    `would start, stop or restart a service (${about}); a \`service\` step is there for that`,
  "ends-processes": (about) => `would end processes (${about}), whichever these are on the host`,
  reboots: (about) => `would take the whole host down (${about}), its dead-man switch too`,
  "changes-disks": (about) =>
    `would change devices or file systems (${about}), which no snapshot brings back`,
  "changes-network": (about) =>
    `would change the host's network (${about}), and may cut it off from here`,
  "installs-packages": (about) =>
    `would have a package manager change the host (${about}); what the packages' own scripts do can't be seen here`,
  "runs-elsewhere": (about) =>
    `would have something run elsewhere or at another time (${about}), where no guard stands`,
  "evaluates-text": (about) => `would run text that is only made then (${about})`,
  "reads-commands": (about) => `would run commands from ${about}, which is on the host alone`,
  "other-language": (about) =>
    `would run a text that is not shell (${about}), and can't be looked into`,
  "unknown-input": (about) => `would run ${about} with names that come from its input`,
  "unknown-program": (about) => `would run ${about}, a program of which nothing is known here`,
  unreadable: (about) => `can't be followed from here on: ${about}`,
};
