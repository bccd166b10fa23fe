import { randomBytes } from "node:crypto";
import { rename, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Fingerprint } from "../core/fingerprint.ts";
import { type PreviewFile, previewFileSchema } from "../core/preview-file.ts";
import { digestOf, digestParts } from "./digest.ts";
import type { LoadedPlan } from "./load-plan.ts";
import { readBytes, troubleOf } from "./read-bytes.ts";

/** The preview of 10,000 instances is some megabytes. */
const previewBytesMax = 64 * 1024 * 1024;

export type PreviewFileRead =
  | {
      readonly is: "preview";
      readonly file: PreviewFile;
      readonly plan: string;
      readonly inventory: string | null;
    }
  /** It may be a plan, or not there at all: whoever reads plans will say. */
  | { readonly is: "other" }
  /** It says that it is a preview, and can't be read as one; `why` is the end of a sentence. */
  | { readonly is: "broken"; readonly why: string };

/** Reads a file that a preview was written to. Its plan and inventory are found from its folder. */
export async function readPreviewFile(path: string): Promise<PreviewFileRead> {
  const read = await readBytes(path, previewBytesMax);
  if ("trouble" in read) return { is: "other" };
  const data = parsed(read.bytes);
  if (typeof data !== "object" || data === null) return { is: "other" };
  if (!("kind" in data) || data.kind !== "preview") return { is: "other" };
  const result = previewFileSchema.safeParse(data);
  if (!result.success) {
    const [issue] = result.error.issues;
    const where =
      issue === undefined ? "" : `: its "${issue.path.join(".")}" is not as it should be`;
    return { is: "broken", why: `is no preview that this version of Handrail can read${where}` };
  }
  const folder = dirname(path);
  const { plan, inventory } = result.data;
  return {
    is: "preview",
    file: result.data,
    plan: resolve(folder, plan),
    inventory: inventory === null ? null : resolve(folder, inventory),
  };
}

export interface PreviewToWrite {
  readonly loaded: LoadedPlan;
  /** Absolute paths of the plan, and of the inventory that was given in place of its own. */
  readonly plan: string;
  readonly inventory: string | null;
  /** Does it show the bakes of an emergency? */
  readonly emergency: boolean;
  readonly tool: string;
  readonly at: string;
  readonly hosts: Readonly<Record<string, readonly Fingerprint[]>>;
  /** null: the plan does not have odd ones go last. */
  readonly last: readonly string[] | null;
  readonly preview: unknown;
}

/**
 * Writes a preview to a file, whole or not at all; one that was there is replaced if it is a preview.
 * For its owner alone: it has lines of the hosts' files. Gives why it could not, as the end of a sentence that begins with the file's name; null: it did.
 */
export async function writePreviewFile(path: string, it: PreviewToWrite): Promise<string | null> {
  const there = await readBytes(path, previewBytesMax);
  if (!("trouble" in there)) {
    const before = await readPreviewFile(path);
    if (before.is === "other") return "is there already, and is no preview";
  } else if (there.trouble !== "is not there") return there.trouble;
  const folder = dirname(path);
  const file: PreviewFile = {
    handrail: 1,
    kind: "preview",
    id: randomBytes(16).toString("hex"),
    at: it.at,
    tool: it.tool,
    plan: relative(folder, it.plan),
    inventory: it.inventory === null ? null : relative(folder, it.inventory),
    ...(it.emergency ? { emergency: true as const } : {}),
    digest: digestOf(it.loaded, it.tool),
    parts: digestParts(it.loaded),
    hosts: Object.fromEntries(
      Object.entries(it.hosts).map(([host, prints]) => [
        host,
        prints.map(({ path: at, extent, print }) => ({ path: at, extent, print: print ?? "" })),
      ]),
    ),
    ...(it.last === null ? {} : { last: [...it.last] }),
    preview: it.preview,
  };
  const draft = join(folder, `.${basename(path)}.${file.id.slice(0, 8)}`);
  try {
    await writeFile(draft, `${JSON.stringify(file, null, 2)}\n`, { flag: "wx", mode: 0o600 });
    await rename(draft, path);
    return null;
  } catch (error) {
    await unlink(draft).catch(() => null);
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      return "is in a folder that is not there";
    return troubleOf(error).replace("can't be read", "can't be written");
  }
}

function parsed(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  // A plan may be written in JSON too; most plans are not, and are not parsed twice.
  if (!/^\s*\{/.test(text)) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
