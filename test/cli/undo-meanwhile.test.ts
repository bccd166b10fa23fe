import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createApp } from "../../src/app.ts";
import { main } from "../../src/cli/main.ts";
import { openSqliteJournals } from "../../src/journals/sqlite.ts";
import type { Journals } from "../../src/ports/journal.ts";
import { drive } from "../support/drive.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { tempFolder } from "./run-handrail.ts";

const clock = { wall: () => "2026-11-23T03:00:00.000Z" };
const by = "deploy@laptop";

/** Begins a rollout in this journal, with so many of the records that lead it to its end. */
async function begin(journals: Journals, rollout: string, records: number): Promise<void> {
  const made = smallItinerary({ regions: { eu: [["eu1"]] } });
  const itinerary = { ...made, rollout, inventory: { ...made.inventory, production: true } };
  const { digest, inventory } = itinerary;
  const runner = { runner: "r", holder: by };
  const held = await journals.open({ rollout, inventory: inventory.name, digest, runner });
  if (held.kind !== "held") throw new Error("the journal is held");
  await using session = held.session;
  await session.append({ kind: "opened", itinerary, by, tool: "0.1.0", planFolder: "/" });
  for (const event of drive(itinerary, () => null).events.slice(0, records))
    await session.append(event);
}

test("an undo asks again whether another rollout has begun while its question stood there", async () => {
  await using folder = await tempFolder();
  await using journals = await openSqliteJournals({
    folder: join(folder.path, ".handrail"),
    clock,
  });
  await begin(journals, "old", Infinity);
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  let said = "";
  const write = (text: string): void => {
    said += text;
    if (!text.startsWith("What was changed")) return;
    // Somebody else begins now, and only then the region's name is typed.
    void begin(journals, "new", 3).then(() => stdin.write("eu\n"));
  };
  const io = {
    stdout: { write: () => undefined },
    stderr: { write, isTTY: true },
    stdin,
    env: { HOME: folder.path },
    cwd: folder.path,
    called: "handrail",
    unread: new AbortController().signal,
  };
  expect(await main(["undo", "old"], io)).toBe(3);
  expect(said).toMatch(/inventory "small" is held by rollout "new".*\(LOCKED\)/);
  expect(await journals.waiting("old")).toEqual([]);
});

test("nor is it taken up while another rollout is not over", async () => {
  await using folder = await tempFolder();
  const state = join(folder.path, ".handrail");
  await using journals = await openSqliteJournals({ folder: state, clock });
  await begin(journals, "old", Infinity);
  await begin(journals, "new", 3);
  await journals.ask("old", { wish: { kind: "undo" }, by, reason: "" });
  await using app = createApp({ state, env: {} });
  const carried = app.carryOn({
    rollout: "old",
    needsSecrets: false,
    onRecord: () => undefined,
    interrupted: new AbortController().signal,
    by,
    onTrouble: () => undefined,
  });
  await expect(carried).rejects.toMatchObject({ failure: { code: "LOCKED" } });
  expect(await journals.list()).toMatchObject([{ rollout: "new" }, { outcome: "sealed" }]);
});
