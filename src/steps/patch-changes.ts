import { Buffer } from "node:buffer";
import { applyPatch, reversePatch, type StructuredPatch } from "diff";
import type { Edited, PlannedChange } from "../core/planned-change.ts";
import { patchParts, readPatch } from "./patch-targets.ts";
import { below, foldersBetween } from "./target-path.ts";

/**
 * What a diff that was reviewed does to the files below `folder`. Read by Handrail, by the rules that
 * the step holds the host's patch(1) to: all lines around a change must be there, wherever they stand.
 */
export function patchChanges(
  content: Uint8Array,
  { folder, strip }: { readonly folder: string; readonly strip: number },
): readonly PlannedChange[] {
  const { byPart } = readPatch(content, strip);
  // One character a byte: a file need not be UTF-8, and the diff of it is not either.
  const parts = patchParts(Buffer.from(content).toString("latin1"));
  return parts.flatMap((part, at): readonly PlannedChange[] => {
    const targets = byPart[at] ?? [];
    const last = targets.at(-1);
    if (last === undefined) return [];
    const source = targets.length > 1 ? targets[0]! : null;
    const path = below(folder, last.path);
    const folders = last.fate === "there" ? foldersBetween(folder, last.path) : [];
    return [
      ...folders.map((each) => ({ does: "folder" as const, path: each })),
      {
        does: "edit",
        path,
        from: source === null ? null : below(folder, source.path),
        mode: last.mode,
        edit: (before) => edited(part, before, last.fate === "gone"),
      },
      ...(source?.fate === "gone"
        ? [{ does: "remove" as const, path: below(folder, source.path) }]
        : []),
    ];
  });
}

function edited(part: StructuredPatch, before: Uint8Array | null, goes: boolean): Edited {
  const creates = part.isCreate === true || part.oldFileName === "/dev/null" || isNew(part);
  if (before === null && !creates) return { fits: false, why: "is not there" };
  if (before !== null && before.length > 0 && creates)
    return { fits: false, why: "is there already, and the patch is to create it" };
  const text = Buffer.from(before ?? new Uint8Array()).toString("latin1");
  const after = applied(part, text);
  if (after === null) {
    const again = applied(reversePatch(part), text) !== null;
    return {
      fits: false,
      why: again ? "looks as if it were patched already" : "is not what the patch was made for",
    };
  }
  if (!goes) return { fits: true, content: Buffer.from(after, "latin1") };
  if (after !== "") return { fits: false, why: "has more in it than the patch takes out" };
  return { fits: true, content: null };
}

/** Of the dialect without a word for it: nothing stood there before the first hunk. */
function isNew({ hunks }: StructuredPatch): boolean {
  return hunks.length === 1 && hunks[0]!.oldStart === 0 && hunks[0]!.oldLines === 0;
}

function applied(part: StructuredPatch, text: string): string | null {
  const after = applyPatch(text, part, { fuzzFactor: 0, autoConvertLineEndings: false });
  return after === false ? null : after;
}
