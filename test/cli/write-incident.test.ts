import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import type { Io } from "../../src/cli/io.ts";
import { writeIncident } from "../../src/cli/write-incident.ts";
import type { JournalRecord } from "../../src/ports/journal.ts";
import { replay } from "../../src/views/replay.ts";
import { scenario } from "../views/support/scenarios.ts";
import { tempFolder } from "./run-handrail.ts";

const secret = "hunter2-hunter2";

test("strikes out of the drafts what the environment knows of the plan's secrets", async () => {
  await using folder = await tempFolder();
  const records = scenario("incident").map(({ record }) => leaky(record));
  const state = [...replay(records)].at(-1)!.after;
  let said = "";
  const output = { write: (text: string) => (said += text) };
  const io: Io = {
    stdout: output,
    stderr: output,
    stdin: Readable.from([]),
    env: { TOKEN: secret },
    cwd: folder.path,
    called: "handrail",
    unread: new AbortController().signal,
  };
  const found = { id: state.itinerary.rollout, state, records, holder: null };
  expect(
    await writeIncident(found, { folder: "pack", program: "handrail", journal: folder.path, io }),
  ).toBe(0);
  const names = await readdir(join(folder.path, "pack"));
  const texts = names.map((name) => readFile(join(folder.path, "pack", name), "utf8"));
  const all = (await Promise.all(texts)).join("") + said;
  expect(all).toContain("[secret token]");
  expect(all).not.toContain(secret);
});

/** A journal whose plan has a secret, and in which a probe has printed it. */
function leaky(record: JournalRecord): JournalRecord {
  const { event } = record;
  if (event.kind === "opened") {
    const { itinerary } = event;
    const plan = { ...itinerary.plan, secrets: { token: { env: "TOKEN" } } };
    return { ...record, event: { ...event, itinerary: { ...itinerary, plan } } };
  }
  if (event.kind !== "noted" || event.note.kind !== "probe" || event.note.is !== "fail")
    return record;
  const note = { ...event.note, because: `status 500, token=${secret}` };
  return { ...record, event: { ...event, note } };
}
