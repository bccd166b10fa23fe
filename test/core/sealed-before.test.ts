import { describe, expect, test } from "vitest";
import type { RolloutEvent } from "../../src/core/event.ts";
import { oddOnesAmong } from "../../src/core/odd-ones.ts";
import type { SealedBefore } from "../../src/core/sealed-before.ts";
import { memoryJournals } from "../../src/journals/memory.ts";
import { sealedBefore } from "../../src/sealed-before.ts";
import { drive } from "../support/drive.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

const names = ["a", "b", "c", "d", "e"];
const known = names.map((instance) => ({ instance, host: instance, facts: [] }));
const says = (before: SealedBefore | null): readonly string[] =>
  oddOnesAmong(known, before).map((it) => it.says);

describe("what earlier rollouts left", () => {
  test("the only instance on which none was sealed is told", () => {
    expect(says([{ rollout: "fix-1", instances: ["a", "b", "c", "d"] }])).toEqual([
      "the last rollout that was sealed is none on e, and fix-1 on all the others",
    ]);
  });

  test("and so is the only one that has a newer one", () => {
    const before = [
      { rollout: "fix-2", instances: ["a"] },
      { rollout: "fix-1", instances: ["b", "c", "d", "e"] },
    ];
    expect(says(before)).toEqual([
      "the last rollout that was sealed is fix-2 on a, and fix-1 on all the others",
    ]);
  });

  test.each<[string, SealedBefore | null]>([
    ["nothing is known", null],
    ["nothing was ever rolled out", []],
    ["all have the same", [{ rollout: "fix-1", instances: names }]],
    ["each has its own", names.map((name) => ({ rollout: `fix-${name}`, instances: [name] }))],
  ])("nobody is told of where %s", (_name, before) => {
    expect(says(before)).toEqual([]);
  });

  test("an instance of several hosts is told once", () => {
    const hosts = [...known, { instance: "e", host: "e-2", facts: [] }];
    const before = [{ rollout: "fix-1", instances: ["a", "b", "c", "d"] }];
    expect(oddOnesAmong(hosts, before).map(({ host }) => host)).toEqual(["e"]);
  });
});

const itineraryOf = (rollout: string, inventory: string, instances: readonly string[]) => ({
  ...smallItinerary({ regions: { eu: [instances] } }),
  rollout,
  inventory: { name: inventory, production: false },
});

describe("which rollouts stand where", () => {
  const runner = { runner: "r", holder: "me" };
  /** A journal in which these rollouts were carried to their end, oldest first. */
  async function journalOf(rollouts: readonly ReturnType<typeof itineraryOf>[]) {
    let minutes = 0;
    const clock = { wall: () => new Date(60_000 * minutes++).toISOString() };
    const journals = memoryJournals({ clock });
    for (const itinerary of rollouts) {
      const { rollout, inventory, digest } = itinerary;
      const held = await journals.open({ rollout, inventory: inventory.name, digest, runner });
      if (held.kind !== "held") throw new Error("the journal is held");
      await using session = held.session;
      const opened = { kind: "opened", itinerary, by: "me", tool: "1", planFolder: "/" } as const;
      const events: readonly RolloutEvent[] = [opened, ...drive(itinerary, () => null).events];
      for (const event of events) await session.append(event);
    }
    return journals;
  }

  test("is read newest first, of this inventory alone, until every instance is found", async () => {
    await using journals = await journalOf([
      itineraryOf("fix-0", "alma", names),
      itineraryOf("fix-1", "alma", ["a", "b", "c"]),
      itineraryOf("other", "beta", names),
      itineraryOf("fix-2", "alma", ["a"]),
    ]);
    expect(await sealedBefore(journals, itineraryOf("now", "alma", ["a", "b", "e"]))).toEqual([
      { rollout: "fix-2", instances: ["a"] },
      { rollout: "fix-1", instances: ["b"] },
      { rollout: "fix-0", instances: ["e"] },
    ]);
    expect(await sealedBefore(journals, itineraryOf("now", "alma", ["new"]))).toEqual([]);
  });

  test("is not known where there are too many to look through", async () => {
    const many = Array.from({ length: 12 }, (_, at) => itineraryOf(`fix-${at}`, "alma", ["a"]));
    await using journals = await journalOf(many);
    expect(await sealedBefore(journals, itineraryOf("now", "alma", ["a", "b"]))).toBeNull();
    expect(await sealedBefore(journals, itineraryOf("now", "alma", ["a"]))).toEqual([
      { rollout: "fix-11", instances: ["a"] },
    ]);
  });
});
