import * as z from "zod";
import type { Fingerprint } from "./fingerprint.ts";
import { quoted } from "./plan/quoted.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A preview that was written to a file, so that a rollout can be bound to it. */
export const previewFileSchema = z.strictObject({
  handrail: z.literal(1),
  kind: z.literal("preview"),
  /** Names this file: it works once. */
  id: z.string().regex(/^[0-9a-f]{32}$/),
  /** RFC 3339, UTC. */
  at: z.string(),
  /** Version of Handrail. */
  tool: z.string(),
  /** The plan, from the folder of this file. */
  plan: z.string().min(1),
  /** The inventory that was given in place of the plan's own, from the folder of this file. */
  inventory: z.string().min(1).nullable(),
  /** It shows the bakes of an emergency; absent: the usual ones. */
  emergency: z.literal(true).optional(),
  /** What `apply --approve` takes. */
  digest: sha256,
  /** sha256 of what the digest is of. */
  parts: z.strictObject({
    plan: sha256,
    order: sha256,
    targets: z.record(z.string(), sha256),
    files: z.record(z.string(), sha256),
  }),
  /** What the hosts looked like, by name. */
  hosts: z.record(
    z.string(),
    z.array(
      z.strictObject({
        path: z.string(),
        extent: z.enum(["whole", "itself"]),
        print: z.string(),
      }),
    ),
  ),
  /** Instances that its order has last, because they were not like the others; absent: not asked for. */
  last: z.array(z.string()).optional(),
  /** All that `preview --json` prints, for whoever reviews it. Nothing of it is read again. */
  preview: z.unknown(),
});

export type PreviewFile = z.infer<typeof previewFileSchema>;

export type PreviewParts = PreviewFile["parts"];

/** A plan as it is now. */
export interface PlanNow {
  readonly tool: string;
  readonly digest: string;
  readonly parts: PreviewParts;
}

/** Changes of one kind that are named one by one. */
const namesMax = 5;

/** What of the plan and its targets is not as the preview shows it; empty: all is. */
export function planChanges(file: PreviewFile, now: PlanNow): readonly string[] {
  const changes = [
    ...(file.tool === now.tool ? [] : [`Handrail was ${file.tool} and is ${now.tool}`]),
    ...(file.parts.plan === now.parts.plan ? [] : ["the plan says something else"]),
    ...keyChanges("the file", file.parts.files, now.parts.files),
    ...keyChanges("the target", file.parts.targets, now.parts.targets),
    ...(file.parts.order === now.parts.order
      ? []
      : ["regions, batches or limits are not what they were"]),
  ];
  if (changes.length > 0 || file.digest === now.digest) return changes;
  return ["the digest is another one"];
}

/** What of the hosts is not as it was when the preview was made; empty: all is. */
export function hostChanges(
  file: PreviewFile,
  now: Readonly<Record<string, readonly Fingerprint[]>>,
): readonly string[] {
  const changes = Object.entries(now).flatMap(([host, prints]) => {
    const before = new Map(file.hosts[host]?.map((it) => [`${it.extent} ${it.path}`, it.print]));
    return prints
      .filter((it) => it.print === null || before.get(`${it.extent} ${it.path}`) !== it.print)
      .map(({ path, print }) => {
        const state = print === null ? "can't be looked at now" : "is not as it was";
        return `${quoted(path)} on ${host} ${state}`;
      });
  });
  return shortened(changes);
}

function keyChanges(
  what: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return shortened(
    names.flatMap((name) => {
      if (before[name] === after[name]) return [];
      if (before[name] === undefined) return [`${what} ${quoted(name)} is new`];
      if (after[name] === undefined) return [`${what} ${quoted(name)} is gone`];
      return [`${what} ${quoted(name)} is another one`];
    }),
  );
}

function shortened(changes: readonly string[]): readonly string[] {
  if (changes.length <= namesMax) return changes;
  return [...changes.slice(0, namesMax), `and ${changes.length - namesMax} more of this kind`];
}
