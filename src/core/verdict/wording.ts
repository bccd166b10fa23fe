import type { Effect, EffectClass, Entry, EntryType } from "../effects.ts";
import type { PathText } from "../path-text.ts";

/** Effects that a finding shows as examples. */
export const examplesMax = 5;

const plurals: Readonly<Record<EntryType, string>> = {
  file: "files",
  folder: "folders",
  link: "links",
  fifo: "fifos",
  socket: "sockets",
  device: "devices",
};

/** "3 files", "1 folder", "15 paths (12 files, 3 folders)": what the effects are about, counted. */
export function countedWords(effects: readonly Effect[]): string {
  const byType = new Map<EntryType, number>();
  for (const { change } of effects) {
    const type = (change.before ?? change.after)?.type ?? "file";
    byType.set(type, (byType.get(type) ?? 0) + 1);
  }
  const words = [...byType]
    .sort((left, right) => right[1] - left[1] || (left[0] < right[0] ? -1 : 1))
    .map(([type, count]) => `${numberWords(count)} ${count === 1 ? type : plurals[type]}`);
  if (words.length === 1) return words[0]!;
  return `${numberWords(effects.length)} paths (${words.join(", ")})`;
}

/** A whole number with a comma between thousands, the same on every machine: "12,345". */
export function numberWords(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** "below /srv/app/tmp", "at /etc/app.conf" or "at and below /srv/app/tmp". */
export function placeWords(effects: readonly Effect[], tree: PathText): string {
  const itself = effects.some((effect) => effect.path === tree);
  if (!itself) return `below ${tree}`;
  return effects.length === 1 ? `at ${tree}` : `at and below ${tree}`;
}

/** What happened, for people; one effect alone also says from what to what. */
export function happenedWords(kind: EffectClass, effects: readonly Effect[]): string {
  const only = effects.length === 1 ? effects[0]!.change : null;
  const pair = only?.before && only.after ? { before: only.before, after: only.after } : null;
  switch (kind) {
    case "deleted":
    case "created":
    case "touched":
    case "replaced":
      return kind;
    case "content":
      return "changed in content";
    case "metadata":
      return `changed in mode or owner${pair === null ? "" : ` (${metadataWords(pair)})`}`;
    case "type-changed":
      return pair === null
        ? "replaced by something of another type"
        : `replaced by a ${pair.after.type}`;
  }
}

function metadataWords({ before, after }: { before: Entry; after: Entry }): string {
  const words: string[] = [];
  if (before.mode !== after.mode) words.push(`mode ${before.mode}, now ${after.mode}`);
  if (before.uid !== after.uid || before.gid !== after.gid) {
    words.push(`owner ${before.uid}:${before.gid}, now ${after.uid}:${after.gid}`);
  }
  return words.join("; ");
}
