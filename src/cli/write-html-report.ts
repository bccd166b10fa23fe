import { randomBytes } from "node:crypto";
import { rename, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { readBytes } from "../sources/read-bytes.ts";
import { size } from "../views/wording.ts";
import { redactor } from "../core/redact.ts";
import type { Journals } from "../ports/journal.ts";
import { findRollout } from "./find-rollout.ts";
import type { Io } from "./io.ts";
import { knownSecrets } from "./known-secrets.ts";
import { toldNotices } from "./notice-rows.ts";
import { unwritable, writeTrouble } from "./unwritable.ts";

/** Files that are looked at before they are replaced; no report comes near. */
const reportBytesMax = 256 * 1024 * 1024;

/** Writes the report of a rollout as one HTML file, and says so. Refused with a UsageError where it can't. */
export async function writeHtmlReport(
  journals: Journals,
  rollout: string,
  order: {
    readonly file: string;
    readonly io: Io;
    readonly program: string;
    /** Of the journal: beside it stands which notices were taken. */
    readonly folder: string;
  },
): Promise<void> {
  const { file, io, program, folder } = order;
  const path = resolve(io.cwd, file);
  const before = await whatStands(path);
  if (before !== null) throw unwritable("--html", file, before);
  const { followPicture } = await import("../views/picture/picture-of.ts");
  const { page } = await import("../views/html/page.ts");
  const following = followPicture();
  const found = await findRollout(journals, rollout, (told) => {
    following.observe(told);
  });
  const { id, state, holder } = found;
  const notices = await toldNotices(found, folder);
  const drawn = following.picture({ program, attended: holder !== null, notices });
  if (drawn === null) throw new Error(`the journal of ${id} does not begin with its opening`);
  const secrets = knownSecrets(state.itinerary.plan.secrets, io.env);
  const text = page(redactor(secrets).redactDeep(drawn), { program });
  const trouble = await writeWhole(path, text);
  if (trouble !== null) throw unwritable("--html", file, trouble);
  const soFar = state.closed === null ? ", as far as it came" : "";
  const bytes = size(Buffer.byteLength(text));
  io.stdout.write(
    `Written to ${file} (${bytes}): the report of ${id}${soFar}. Any browser opens it.\n`,
  );
}

/** Why this file must not be replaced, as the end of a sentence; null: nothing is lost by it. */
async function whatStands(path: string): Promise<string | null> {
  const { reportMark } = await import("../views/html/report-mark.ts");
  const there = await readBytes(path, reportBytesMax);
  if ("trouble" in there) return there.trouble === "is not there" ? null : there.trouble;
  if (there.bytes.length === 0) return null;
  const start = new TextDecoder().decode(there.bytes.subarray(0, reportMark.length));
  return start === reportMark ? null : "is there already, and is no report of Handrail";
}

/** Whole or not at all, for its owner alone: it has file names, and what hosts printed. */
async function writeWhole(path: string, text: string): Promise<string | null> {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString("hex")}`);
  try {
    await writeFile(draft, text, { flag: "wx", mode: 0o600 });
    await rename(draft, path);
    return null;
  } catch (error) {
    await unlink(draft).catch(() => null);
    return writeTrouble(error);
  }
}
