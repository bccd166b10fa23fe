import { z } from "zod";
import type { ReferredContent, StepKind } from "../ports/step-kind.ts";
import { copyScript } from "./copy-script.ts";
import { below, foldersBetween, pathTrouble, plainPath, targetPath } from "./target-path.ts";
import { withoutVariables } from "./target-path.ts";

/** Files in one copied folder: each is an argument of the program on the host. */
export const copyFilesMax = 2000;

const ownerPattern = /^([A-Za-z0-9_][A-Za-z0-9_.-]*)(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/;

const args = z
  .strictObject({
    from: z.string().min(1).describe("A file or a folder in the plan's folder."),
    to: targetPath.describe(
      "Absolute path on the host of the file or folder. For a file, a slash at the end means: into that folder, under its own name.",
    ),
    mode: z
      .string()
      .regex(/^0?[0-7]{3,4}$/, { error: 'must be an octal mode in quotes, such as "0644"' })
      .optional()
      .describe('Mode of every file, such as "0644". Default: the mode of the file in the plan.'),
    owner: z
      .string()
      .refine((text) => ownerPattern.test(withoutVariables(text)), {
        error: "must be a user or user:group",
      })
      .optional()
      .describe("user or user:group. Default: a file that is there keeps its owner."),
  })
  .describe("Copies a file, or a folder with all its files; other files in that folder stay.");

export type CopyArgs = z.output<typeof args>;

/**
 * `copy: { from, to, mode, owner }`. Each file appears whole, by a rename, or not at all. `writes`
 * are the files themselves: a folder in which other files live is not snapshotted for it. Folders
 * that it makes go with them.
 */
export const copy: StepKind<CopyArgs> = {
  name: "copy",
  args,
  substitutes: true,
  places: ["host"],
  refers: ({ from }) => [from],
  review: (given, files) => {
    const problems: string[] = [];
    const trouble = pathTrouble(given.to);
    if (trouble !== null) problems.push(`copy to "${given.to}": the path ${trouble}`);
    if (plainPath(given.to) === "/" && isOneFile(given.from, files)) {
      problems.push(`copy to "${given.to}": a file needs a name`);
    }
    if (given.owner !== undefined && !ownerPattern.test(withoutVariables(given.owner))) {
      problems.push(`copy owner "${given.owner}" is neither user nor user:group`);
    }
    const found = files(given.from);
    if (found.length === 0) problems.push(`copy from "${given.from}": there is no file in it`);
    if (found.length > copyFilesMax) {
      problems.push(
        `copy from "${given.from}" has ${found.length} files, and at most ${copyFilesMax} can be copied by one step`,
      );
    }
    return problems;
  },
  changes: (given, { files }) => {
    const targets = targetsOf(given, files);
    return [
      ...targets.folders.map((path) => ({ does: "folder" as const, path })),
      ...targets.files.map(({ path, content, mode }) => ({
        does: "put" as const,
        path,
        content,
        mode,
        owner: given.owner ?? null,
      })),
    ];
  },
  orders: (given, context) => {
    const targets = targetsOf(given, context.files);
    return {
      do: "script",
      script: copyScript,
      interpreter: ["sh", "-eu"],
      args: [
        given.owner ?? "",
        String(targets.folders.length),
        ...targets.folders,
        ...targets.files.flatMap((file) => [file.path, file.mode, file.staged]),
      ],
      env: {},
      files: targets.files.map((file) => ({ name: file.staged, content: file.content })),
      writes: targets.files.map((file) => file.path),
      makes: targets.folders,
      needs: [],
      summary: summaryOf(given, targets),
    };
  },
};

interface Targets {
  readonly folders: readonly string[];
  readonly files: readonly {
    readonly path: string;
    readonly mode: string;
    readonly staged: string;
    readonly content: Uint8Array;
  }[];
}

function targetsOf(given: CopyArgs, referred: ReferredContent): Targets {
  const found = referred(given.from);
  const to = plainPath(given.to);
  const single = isOneFile(given.from, referred);
  const intoFolder = single && given.to.endsWith("/");
  const files = found.map((file, index) => ({
    path: single && !intoFolder ? to : below(to, file.path),
    mode: given.mode ?? file.mode,
    staged: String(index),
    content: file.content,
  }));
  const folders = single
    ? []
    : [to, ...found.flatMap((file) => foldersBetween(to, file.path))].filter(
        (folder, index, all) => folder !== "/" && all.indexOf(folder) === index,
      );
  return { folders, files };
}

/** A single file is given under its own name; a folder's files under their paths below it. */
function isOneFile(from: string, files: ReferredContent): boolean {
  const found = files(from);
  return (
    found.length === 1 &&
    !from.endsWith("/") &&
    found[0]!.path === plainPath(from).split("/").at(-1)
  );
}

function summaryOf(given: CopyArgs, targets: Targets): string {
  const many = targets.folders.length > 0 ? ` (${targets.files.length} files)` : "";
  const mode = given.mode === undefined ? "" : `, mode ${given.mode}`;
  const owner = given.owner === undefined ? "" : `, owner ${given.owner}`;
  return `copy ${given.from} to ${given.to}${many}${mode}${owner}`;
}
