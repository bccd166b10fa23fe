import { z } from "zod";
import type { ReferredContent, StepKind } from "../ports/step-kind.ts";
import { patchChanges } from "./patch-changes.ts";
import { patchScript } from "./patch-script.ts";
import { readPatch, type ReadPatch } from "./patch-targets.ts";
import { below, foldersBetween, pathTrouble, plainPath, targetPath } from "./target-path.ts";

/** More parts than any name in a diff has. */
const stripMax = 64;

const args = z
  .strictObject({
    diff: z
      .string()
      .min(1)
      .describe("A unified diff (diff -u, git diff): a file in the plan's folder."),
    in: targetPath.describe(
      "Absolute path of the folder on the host that the names in the diff start from.",
    ),
    strip: z
      .int()
      .min(0)
      .max(stripMax)
      .default(1)
      .describe("Leading parts to take off each name, as in patch -p. Default: 1, for a/ and b/."),
  })
  .describe("Applies a unified diff. All of it fits and is applied, or nothing is changed.");

export type PatchArgs = z.output<typeof args>;

/** `patch: { diff, in, strip }`, by the host's `patch` (GNU or BusyBox). */
export const patch: StepKind<PatchArgs> = {
  name: "patch",
  args,
  substitutes: true,
  places: ["host"],
  refers: ({ diff }) => [diff],
  review: (given, files) => {
    const problems: string[] = [];
    const trouble = pathTrouble(given.in);
    if (trouble !== null) problems.push(`patch in "${given.in}": the path ${trouble}`);
    if (files(given.diff).length !== 1)
      return [...problems, `patch "${given.diff}" is not one file`];
    const { problems: found } = patchOf(given, files);
    return [...problems, ...found.map((problem) => `patch "${given.diff}" ${problem}`)];
  },
  changes: (given, { files }) =>
    patchChanges(contentOf(given, files), { folder: plainPath(given.in), strip: given.strip }),
  orders: (given, context) => {
    const folder = plainPath(given.in);
    const { targets, renames } = patchOf(given, context.files);
    return {
      do: "script",
      script: patchScript,
      interpreter: ["sh", "-eu"],
      args: [
        folder,
        String(given.strip),
        renames ? "renames" : "",
        ...targets.flatMap((target) => [target.path, target.mode ?? "", target.fate]),
      ],
      env: {},
      files: [{ name: "diff", content: contentOf(given, context.files) }],
      writes: targets.map((target) => below(folder, target.path)),
      makes: [
        ...new Set(
          targets
            .filter(({ fate }) => fate === "there")
            .flatMap(({ path }) => foldersBetween(folder, path)),
        ),
      ],
      needs: ["patch"],
      summary: `patch ${given.in} with ${given.diff} (${counted(targets.length)})`,
    };
  },
};

function patchOf(given: PatchArgs, files: ReferredContent): ReadPatch {
  return readPatch(contentOf(given, files), given.strip);
}

function contentOf(given: PatchArgs, files: ReferredContent): Uint8Array {
  return files(given.diff)[0]?.content ?? new Uint8Array();
}

function counted(files: number): string {
  return files === 1 ? "1 file" : `${files} files`;
}
