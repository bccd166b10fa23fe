import picomatch from "picomatch/posix.js";
import type { Allowance, EffectKind, Policy } from "../plan/plan.ts";
import { deedWords, unresolvedWords } from "./deed-words.ts";
import type { Deed, FindingId, Severity } from "./finding.ts";
import {
  isUnresolved,
  literalPath,
  type PathPattern,
  type Relation,
  relationTo,
  witness,
  witnessName,
} from "./path-pattern.ts";
import type { GroundPath, ProtectedGround } from "./protected-ground.ts";
import { globPieces } from "./shell-glob.ts";
import type { PathDeed, ShellTrace } from "./shell-trace.ts";

/** What a deed comes to on one instance. */
export interface Ruling {
  readonly id: FindingId;
  readonly severity: Severity;
  readonly protects: GroundPath | null;
  readonly message: string;
}

type Weight = Severity | null;

/** What each deed weighs by policy; null: the policy does not mind. */
const weights: Readonly<Record<Deed, Readonly<Record<Policy["kind"], Weight>>>> = {
  deletes: { keep: "breaks", "keep-content": "breaks", regenerates: "warns", "may-change": null },
  empties: { keep: "warns", "keep-content": "breaks", regenerates: "warns", "may-change": null },
  changes: { keep: null, "keep-content": "breaks", regenerates: null, "may-change": null },
  overwrites: { keep: null, "keep-content": "breaks", regenerates: null, "may-change": null },
  replaces: { keep: "warns", "keep-content": "breaks", regenerates: "warns", "may-change": null },
  "changes-mode": {
    keep: "warns",
    "keep-content": "breaks",
    regenerates: "warns",
    "may-change": null,
  },
  hides: { keep: "breaks", "keep-content": "breaks", regenerates: "warns", "may-change": "warns" },
};

/** The budget that each deed takes. What becomes something of another type is gone. */
const budgets: Readonly<Record<Deed, EffectKind>> = {
  deletes: "delete",
  empties: "change",
  changes: "change",
  overwrites: "change",
  replaces: "delete",
  "changes-mode": "change",
  hides: "delete",
};

/** Holds one deed against everything that is protected. `scratch`: paths that the text takes away again. */
export function judgeDeed(
  deed: PathDeed,
  ground: ProtectedGround,
  {
    looked,
    scratch,
  }: { readonly looked: ShellTrace["looked"]; readonly scratch: ReadonlySet<string> },
): readonly Ruling[] {
  if (deed.own === "surely") return [];
  if (isUnresolved(deed.path)) return unresolved(deed, ground);
  return ground.protect.flatMap((protects): Ruling[] => {
    const relation = relationTo(deed.path, protects.path);
    if (relation === null || !reaches(deed, relation)) return [];
    const base = weights[deed.does][protects.policy.kind];
    if (base === null || isOwn(deed, relation, scratch)) return [];
    if (isDeclared(deed, protects, { ground, relation })) return [];
    if (!relation.sure) {
      const likely = deed.does === "deletes" || deed.does === "empties" || deed.deep;
      const severity = likely ? "warns" : "unknown";
      return [
        { id: "unresolved-path", severity, protects, message: unresolvedWords(deed, protects) },
      ];
    }
    const isCertain = certain(deed, { relation, looked });
    if (deed.does === "changes-mode" && base === "warns" && !deed.deep && relation.is === "inside")
      return [];
    const severity = base === "breaks" && !isCertain ? "warns" : base;
    return [
      {
        id: deed.does,
        severity,
        protects,
        message: deedWords(deed, protects, { relation, isCertain }),
      },
    ];
  });
}

/** Not even the beginning of the path is known. */
function unresolved(deed: PathDeed, ground: ProtectedGround): readonly Ruling[] {
  const minds = ground.protect.some(({ policy }) => weights[deed.does][policy.kind] !== null);
  const isWild = deed.deep && deed.does !== "overwrites";
  if (!isWild && !minds) return [];
  const severity = isWild ? "warns" : "unknown";
  return [
    { id: "unresolved-path", severity, protects: null, message: unresolvedWords(deed, null) },
  ];
}

/** Only what goes through everything below reaches a protected path from above. */
function reaches(deed: PathDeed, relation: Relation): boolean {
  return deed.deep || relation.is !== "above" || !relation.sure;
}

/** What the text made itself, inside of something protected, was not there before. */
function isOwn(deed: PathDeed, relation: Relation, scratch: ReadonlySet<string>): boolean {
  if (relation.is !== "inside") return false;
  if (deed.own === "file") return true;
  // It writes there, and takes it away later: a file beside the real one.
  return deed.does === "overwrites" && !deed.deep && scratch.has(deed.path.shown);
}

function certain(
  deed: PathDeed,
  { relation, looked }: { readonly relation: Relation; readonly looked: ReadonlySet<string> },
): boolean {
  if (deed.path.guessed || deed.own !== null) return false;
  if (deed.some && relation.is === "above") return false;
  if (deed.does !== "overwrites" && deed.does !== "replaces") return true;
  // Whether something is there to be written over shows where the text looks at it too.
  if (deed.some || deed.deep) return false;
  if (relation.is === "same") return !deed.perhapsInto;
  const path = literalPath(deed.path);
  return path !== null && looked.has(path);
}

/** Does the step declare it, by `writes` or by `allow`? */
function isDeclared(
  deed: PathDeed,
  protects: GroundPath,
  { ground, relation }: { readonly ground: ProtectedGround; readonly relation: Relation },
): boolean {
  const isWritten = ground.writes.some((path) => {
    // The nearest tree decides: a declaration above the protected path opens nothing in it.
    if (path !== protects.path && !path.startsWith(`${protects.path}/`)) return false;
    if (path === protects.path) return true;
    const within = relationTo(deed.path, path);
    return within !== null && within.sure && within.is !== "above";
  });
  if (isWritten) return true;
  const paths = examples(deed, relation.is === "above" || !relation.sure ? protects.path : null);
  return ground.allow.some(({ effect, glob }) => {
    const matches = matcher(glob);
    return effect === budgets[deed.does] && paths.every((path) => matches(path));
  });
}

/** Paths such as the deed would touch, "x" in place of every name that is not known. */
function examples(deed: PathDeed, above: string | null): readonly string[] {
  const root = above ?? witness(deed.path);
  const name = deed.named === null ? "x" : witnessName(globPieces(deed.named));
  if (deed.some) return [`${root}/${name}`, `${root}/x/${name}`];
  return deed.deep ? [root, `${root}/x`, `${root}/x/x`] : [root];
}

/** Budgets that the deeds of a text do not exceed already by the paths that they name to the letter. */
export function affordable(
  allow: readonly Allowance[],
  { deeds }: ShellTrace,
): readonly Allowance[] {
  return allow.filter(({ effect, glob, max }) => {
    if (max === null) return true;
    const matches = matcher(glob);
    const paths = deeds
      .filter((deed) => budgets[deed.does] === effect && deed.own === null && !deed.some)
      .map(({ path }) => literalPath(path))
      .filter((path) => path !== null && matches(path));
    return max > 0 && new Set(paths).size <= max;
  });
}

function matcher(glob: string): (path: string) => boolean {
  return picomatch(glob, { dot: true, nonegate: true });
}

/** Paths that a text takes away again after it made them itself. */
export function scratchOf({ deeds }: ShellTrace): ReadonlySet<string> {
  return new Set(
    deeds
      .filter(({ does, own }) => does === "deletes" && own === "file")
      .map(({ path }: { readonly path: PathPattern }) => path.shown),
  );
}
