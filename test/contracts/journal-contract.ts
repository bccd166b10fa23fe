import { describe, expect, onTestFinished, test } from "vitest";
import { openedMaxBytes, recordMaxBytes } from "../../src/journals/encoding.ts";
import { wishesMax } from "../../src/journals/journal-rules.ts";
import type { Journals } from "../../src/ports/journal.ts";
import {
  abort,
  applying,
  codeOf,
  halt,
  opened,
  order,
  pause,
  remark,
  reverting,
  runner,
  session,
} from "./journal-events.ts";

/** One state, seen by as many processes as a test likes. */
export interface JournalWorld {
  /** What one process has. */
  readonly journals: () => Promise<Journals>;
  /** Ends the hold of a rollout, while its runner goes on as if nothing were. */
  readonly lose: (rollout: string) => Promise<void>;
  readonly end: () => Promise<void>;
}

/** What src/ports/journal.ts promises. */
export function journalContract(title: string, make: () => Promise<JournalWorld>): void {
  // oxlint-disable-next-line vitest/valid-title
  describe(title, () => {
    test("reads back what was appended, in order, numbered from 1 without a gap", async () => {
      const { mine, held } = await begun(make);
      await held.append(applying);
      const many = Array.from({ length: 600 }, (_, at) => held.append(remark(`${at}`)));
      const records = await Promise.all(many);
      expect(records.map(({ seq }) => seq)).toEqual(many.map((_, at) => at + 3));

      const read = await mine.read("kb-1", 0);
      expect(read.map(({ seq }) => seq)).toEqual(read.map((_, at) => at + 1));
      expect(read.map(({ event }) => event)).toEqual([
        opened,
        applying,
        ...many.map((_, at) => remark(`${at}`)),
      ]);
      expect(read.slice(2)).toEqual(records);
      expect(await mine.read("kb-1", 600)).toEqual(read.slice(600));
      expect(await mine.read("kb-1", 602)).toEqual([]);
    });

    test("gives back the record as it will be read: texts of any kind, nothing undefined", async () => {
      const { mine, held } = await begun(make);
      const text = '\u0000 \u001b[31m \ud800 "\\ \u2028 \u{1f600} \n';
      const event = { kind: "asked", ...pause, reason: text, extra: undefined } as const;
      const record = await held.append(event);
      expect(Object.hasOwn(record.event, "extra")).toBe(false);
      expect((await mine.read("kb-1", 1))[0]).toStrictEqual(record);
      expect(record.event).toMatchObject({ reason: text });
    });

    test("lists rollouts newest first, without those whose first record was never written", async () => {
      const made = await make();
      onTestFinished(() => made.end());
      const journals = await made.journals();
      expect(await journals.list()).toEqual([]);
      for (const rollout of ["b", "c", "a"]) {
        const held = session(await journals.open(order(rollout)));
        await held.append(opened);
        await held[Symbol.asyncDispose]();
      }
      session(await journals.open(order("husk")));
      const list = await (await made.journals()).list();
      expect(list.map(({ rollout }) => rollout)).toEqual(["a", "c", "b"]);
      expect(list[0]).toMatchObject({ inventory: "alma", digest: "d".repeat(64), records: 1 });
    });

    test("lists the outcome once closed, and none again when an undo begins", async () => {
      const { mine, held } = await begun(make);
      const outcome = async () => (await mine.list())[0]?.outcome;
      expect(await outcome()).toBe(null);
      await held.append({ kind: "closed", outcome: "sealed" });
      expect(await outcome()).toBe("sealed");
      await held.append({ kind: "intent", action: { kind: "release", instance: "eu1" } });
      expect(await outcome()).toBe("sealed");
      await held.append(reverting);
      expect(await outcome()).toBe(null);
      await held.append({ kind: "closed", outcome: "undone" });
      expect(await outcome()).toBe("undone");
    });

    test("refuses a second runner of the rollout and of its inventory, in the holder's words", async () => {
      const { journals, mine, held } = await begun(make);
      const other = await journals();
      for (const asking of [mine, other]) {
        const again = await asking.takeUp("kb-1", runner("me too"));
        expect(again).toMatchObject({
          kind: "refused",
          holder: { rollout: "kb-1", inventory: "alma", holder: "deploy@laptop, pid 1" },
        });
        expect(await asking.open(order("kb-2"))).toMatchObject({ kind: "refused" });
        expect(await asking.holders()).toMatchObject([{ rollout: "kb-1", inventory: "alma" }]);
      }
      expect((await other.open(order("kb-3", "another"))).kind).toBe("held");
      expect((await mine.holders()).map(({ inventory }) => inventory)).toEqual(["alma", "another"]);
      await held[Symbol.asyncDispose]();
      expect((await other.takeUp("kb-1", runner("me too"))).kind).toBe("held");
    });

    test("raises the epoch with each runner and goes on with the next number", async () => {
      const { mine, held } = await begun(make);
      expect(held.epoch).toBe(1);
      await held[Symbol.asyncDispose]();
      const next = session(await mine.takeUp("kb-1", runner("second")));
      expect(next.epoch).toBe(2);
      expect((await next.append(applying)).seq).toBe(2);
      await expect(held.append(applying)).rejects.toThrow("closed");
    });

    test("fences a runner off, with nothing written, once another took the rollout up", async () => {
      const { journals, lose, held } = await begun(make);
      await lose("kb-1");
      const other = await journals();
      const next = session(await other.takeUp("kb-1", runner("second")));
      await next.confirm();
      const late = [held.append(applying), held.append(remark("late")), held.confirm()];
      expect(await Promise.all(late.map(codeOf))).toEqual(["FENCED", "FENCED", "FENCED"]);
      expect((await other.read("kb-1", 0)).length).toBe(1);
      await held[Symbol.asyncDispose]();
      expect((await other.holders()).length).toBe(1);
      await next.append(applying);
      expect(await other.verify("kb-1")).toMatchObject({ kind: "sound", records: 2 });
    });

    test("gives the first record again when an append is repeated with its key", async () => {
      const { mine, held } = await begun(make);
      const first = await held.append(applying, { key: "apply" });
      await held.append(remark("between"));
      expect(await held.append(applying, { key: "apply" })).toEqual(first);
      await held[Symbol.asyncDispose]();
      const next = session(await mine.takeUp("kb-1", runner("second")));
      expect(await next.append(applying, { key: "apply" })).toEqual(first);
      await expect(next.append(reverting, { key: "apply" })).rejects.toThrow("something else");
      expect((await mine.read("kb-1", 0)).length).toBe(3);
    });

    test("gives each wish once to a session, oldest first, and to the next what was not journaled", async () => {
      const { journals, mine, held } = await begun(make);
      const other = await journals();
      await other.ask("kb-1", pause);
      await mine.ask("kb-1", abort);
      expect(await mine.waiting("kb-1")).toEqual([pause, abort]);
      const left = await held.wishes();
      expect(left).toMatchObject([pause, abort]);
      // Given out is not heard: only its record takes a wish out.
      expect(await other.waiting("kb-1")).toEqual([pause, abort]);
      expect(await held.wishes()).toEqual([]);
      const [first] = left;
      await held.append({ kind: "asked", ...pause }, { wish: first!.id });
      expect(await other.waiting("kb-1")).toEqual([abort]);
      await held[Symbol.asyncDispose]();

      const next = session(await other.takeUp("kb-1", runner("second")));
      const again = await next.wishes();
      expect(again).toEqual(left.slice(1));
      await other.ask("kb-1", pause);
      expect(await next.wishes()).toMatchObject([pause]);
    });

    test("takes a wish out only once, and only by the record that repeats it", async () => {
      const { mine, held } = await begun(make);
      await mine.ask("kb-1", abort);
      const [left] = await held.wishes();
      const wish = left!.id;
      await expect(held.append({ kind: "asked", ...pause }, { wish })).rejects.toThrow("repeats");
      await expect(held.append(applying, { wish })).rejects.toThrow("repeats");
      await held.append({ kind: "asked", ...abort, reason: "‹secret token›" }, { wish });
      const twice = held.append({ kind: "asked", ...abort }, { wish });
      await expect(twice).rejects.toThrow("not in the inbox");
      expect((await mine.read("kb-1", 1)).length).toBe(1);
    });

    test("refuses one of many appends of a turn without losing the others", async () => {
      const { mine, held } = await begun(make);
      const settled = await Promise.allSettled([
        held.append(remark("a")),
        held.append({ kind: "asked", ...pause }, { wish: "99" }),
        held.append(remark("b")),
      ]);
      expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect((await mine.read("kb-1", 1)).map(({ event }) => event)).toEqual([
        remark("a"),
        remark("b"),
      ]);
      expect(await mine.verify("kb-1")).toMatchObject({ kind: "sound", records: 3 });
    });

    test("refuses a record, a wish and an inbox over their limits, and names the record", async () => {
      const { mine, held } = await begun(make);
      const long = "x".repeat(recordMaxBytes);
      const refused = held.append(remark(long));
      await expect(refused).rejects.toThrow(`record 2 of rollout "kb-1" ("noted") has`);
      expect(await codeOf(held.append(remark(long)))).toBe("JOURNAL_LIMIT");
      expect((await held.append(remark(long.slice(0, -1000)))).seq).toBe(2);
      const big = { ...opened, by: long };
      expect(big.by.length).toBeLessThan(openedMaxBytes);
      expect((await held.append(big)).seq).toBe(3);
      expect(await codeOf(mine.ask("kb-1", { ...pause, reason: long }))).toBe("JOURNAL_LIMIT");
      for (let left = 0; left < wishesMax; left += 1) await mine.ask("kb-1", pause);
      expect(await codeOf(mine.ask("kb-1", pause))).toBe("JOURNAL_LIMIT");
    });

    test("knows no rollout that was never begun, and opens none twice", async () => {
      const { mine, held } = await begun(make);
      session(await mine.open(order("husk", "another")));
      for (const rollout of ["kb-2", "husk"]) {
        expect(await codeOf(mine.read(rollout, 0))).toBe("ROLLOUT_UNKNOWN");
        expect(await codeOf(mine.verify(rollout))).toBe("ROLLOUT_UNKNOWN");
        expect(await codeOf(mine.ask(rollout, pause))).toBe("ROLLOUT_UNKNOWN");
        expect(await codeOf(mine.takeUp(rollout, runner("x")))).toBe("ROLLOUT_UNKNOWN");
      }
      await held[Symbol.asyncDispose]();
      expect(await codeOf(mine.open(order("kb-1")))).toBe("ROLLOUT_EXISTS");
      expect((await mine.takeUp("kb-1", runner("x"))).kind).toBe("held");
    });

    test("verifies what it holds, and the head changes with each record", async () => {
      const { mine, held } = await begun(make);
      const first = await mine.verify("kb-1");
      expect(first).toMatchObject({ kind: "sound", records: 1 });
      await held.append({ kind: "halting", halt });
      const second = await mine.verify("kb-1");
      expect(second).toMatchObject({ kind: "sound", records: 2 });
      expect(new Set([first, second].map((check) => "head" in check && check.head)).size).toBe(2);
    });

    test("keeps content by its sha256 and recalls it byte for byte", async () => {
      const { mine, journals } = await begun(make);
      const content = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256);
      const sha256 = await mine.keep(content);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(await mine.keep(content)).toBe(sha256);
      expect(await (await journals()).recall(sha256)).toEqual(content);
      expect((await mine.recall(await mine.keep(new Uint8Array()))).length).toBe(0);
      expect(await codeOf(mine.recall("0".repeat(64)))).toBe("JOURNAL_DAMAGED");
      for (const name of ["..", "../../../etc/passwd", ""]) {
        expect(await codeOf(mine.recall(name))).toBe("JOURNAL_DAMAGED");
      }
    });
  });
}

/** A world with one rollout that is held and has its first record. */
async function begun(make: () => Promise<JournalWorld>) {
  const made = await make();
  onTestFinished(() => made.end());
  const mine = await made.journals();
  const held = session(await mine.open(order("kb-1")));
  await held.append(opened);
  return { ...made, mine, held };
}
