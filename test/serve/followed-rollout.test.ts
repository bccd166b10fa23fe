import { describe, expect, test } from "vitest";
import { memoryJournals, type MemoryJournals } from "../../src/journals/memory.ts";
import type { JournalRecord } from "../../src/ports/journal.ts";
import { followRollout } from "../../src/serve/followed-rollout.ts";
import type { Drawn } from "../../src/serve/live-source.ts";
import { scenario } from "../views/support/scenarios.ts";

/** A journal that a test writes record by record, and a look at it. */
async function followed(name: string, secrets: Readonly<Record<string, string>> = {}) {
  const records = scenario(name).map(({ record }) => record);
  const it = { written: 0, nowMs: Date.parse(records[0]!.at) };
  const at = (index: number): JournalRecord => records[Math.min(index, records.length - 1)]!;
  const journals: MemoryJournals = memoryJournals({ clock: { wall: () => at(it.written).at } });
  const first = records[0]!.event;
  if (first.kind !== "opened") throw new Error("a rollout begins with its opening");
  const { rollout, digest, inventory } = first.itinerary;
  const runner = { runner: "r", holder: "deploy@laptop" };
  const held = await journals.open({ rollout, inventory: inventory.name, digest, runner });
  if (held.kind !== "held") throw new Error("the journal is held");
  const look = followRollout({
    journals,
    id: rollout,
    words: () => ({}),
    nowMs: () => it.nowMs,
    secrets: () => secrets,
    offers: null,
  });
  const write = async (until: (record: JournalRecord) => boolean): Promise<void> => {
    while (it.written < records.length) {
      const record = records[it.written]!;
      await held.session.append(record.event);
      it.written += 1;
      it.nowMs = Date.parse(record.at);
      if (until(record)) return;
    }
  };
  return { it, journals, rollout, look, write };
}

const inStep = ({ event }: JournalRecord): boolean =>
  event.kind === "intent" && event.action.kind === "apply";
const partsOf = (drawn: Drawn | null): ReadonlyMap<string, string> => new Map(drawn?.parts);
const changed = (before: Drawn | null, after: Drawn | null): readonly string[] =>
  [...partsOf(after)].filter(([id, html]) => partsOf(before).get(id) !== html).map(([id]) => id);

describe("a rollout that is followed", () => {
  test("is drawn when something is recorded, and not else", async () => {
    const { look, write } = await followed("goes well");
    await write(inStep);
    const first = await look();
    expect(first?.title).toMatch(/^RUNNING: /);
    expect(await look()).toBe(null);
    await write(inStep);
    const second = await look();
    // The plan stays, and regions that were not begun.
    const parts = changed(first, second);
    expect(parts).toContain("region-0");
    for (const id of ["plan", "region-1", "region-2"]) expect(parts).not.toContain(id);
    await write(() => false);
    expect(await look()).toMatchObject({ urgent: false, title: expect.stringMatching(/^SEALED/) });
  });

  test("grows while something is at work, although nothing is recorded", async () => {
    const { it, look, write } = await followed("goes well");
    await write(inStep);
    const first = await look();
    it.nowMs += 60_000;
    const later = await look();
    expect(changed(first, later)).toEqual(["timeline", "users", "region-0"]);
    expect(await look()).toBe(null);
  });

  test("says until when each instance bakes, and the same as long as that is so", async () => {
    const { it, journals, rollout, look, write } = await followed("goes well");
    await write(({ event }) => event.kind === "noted" && event.note.kind === "bake.stage");
    const first = partsOf(await look()).get("waits");
    expect(first).toMatch(
      /ap01:<\/span> <span role="timer" data-ends="[\d-]+T[\d:.]+Z" data-before="stable, " data-after=" of 900 ms left" data-over="stable 900 ms, last look">stable, until \d\d:\d\d:\d\dZ</,
    );
    it.nowMs += 10_000;
    expect(partsOf(await look()).get("waits")).toBe(first);
    // Nobody is there who could end it.
    journals.lose(rollout);
    expect(partsOf(await look()).get("waits")).toBe("");
  });

  test("says at once that nobody runs it any more", async () => {
    const { journals, rollout, look, write } = await followed("goes well");
    await write(inStep);
    expect(partsOf(await look()).get("actions")).toContain("Run by <strong>deploy@laptop</strong>");
    journals.lose(rollout);
    const gone = await look();
    expect(gone).toMatchObject({ urgent: true, says: expect.stringContaining("nobody runs it") });
    expect(partsOf(gone).get("actions")).toContain("Nobody runs it now");
    expect(await look()).toBe(null);
  });

  test("tells what was asked and is not heard yet", async () => {
    const { journals, rollout, look, write } = await followed("goes well");
    await write(inStep);
    const first = await look();
    await journals.ask(rollout, { wish: { kind: "pause" }, by: "ann@desk", reason: "<b>lunch" });
    const asked = await look();
    expect(changed(first, asked)).toEqual(["actions"]);
    expect(partsOf(asked).get("actions")).toContain("<li>pause, by ann@desk: &lt;b&gt;lunch</li>");
  });

  test("shows no secret that the environment knows", async () => {
    const known = await followed("incident", { token: "status 500" });
    await known.write(() => false);
    const html = [...partsOf(await known.look()).values()].join("");
    expect(html).not.toContain("status 500");
    const unknown = await followed("incident");
    await unknown.write(() => false);
    expect([...partsOf(await unknown.look()).values()].join("")).toContain("status 500");
  });
});
