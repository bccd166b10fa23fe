import { describe, expect, test } from "vitest";
import type { Note, Outcome, RolloutEvent } from "../../src/core/event.ts";
import { evolve } from "../../src/core/evolve.ts";
import { openRollout, type RolloutState } from "../../src/core/state.ts";
import { leadsOn } from "../../src/journals/journal-rules.ts";
import { stateFull } from "../../src/journals/state-error.ts";
import type { JournalSession } from "../../src/ports/journal.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { carried } from "./support/one-rollout.ts";

const itinerary = smallItinerary({ regions: { eu: [["a", "b"]] } });
const done: Outcome = { is: "done" };

function remark(instance: string, text: string): Note {
  return { instance, kind: "remark", text };
}

describe("the journal of a rollout", () => {
  test("takes one record at a time, however many have something to tell at once", async () => {
    let open = 0;
    const atOnce: number[] = [];
    /** A disk that takes its time. */
    function slowly(session: JournalSession, sleep: (ms: number) => Promise<void>): JournalSession {
      return {
        epoch: session.epoch,
        wishes: () => session.wishes(),
        confirm: () => session.confirm(),
        async append(event, options) {
          atOnce.push((open += 1));
          await sleep(10);
          const record = await session.append(event, options);
          open -= 1;
          return record;
        },
        [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
      };
    }
    const { state, events } = await carried({
      itinerary,
      through: (session, clock) => slowly(session, (ms) => clock.sleep(ms)),
      async perform({ action: { instance }, note }) {
        await Promise.all([note(remark(instance, "one")), note(remark(instance, "two"))]);
        return done;
      },
    });
    expect(Math.max(...atOnce)).toBe(1);
    expect(events.reduce(evolve, openRollout(itinerary))).toEqual(state);
    expect(state?.closed).toBe("sealed");
  });

  test("holds no secret, wherever one was said", async () => {
    const token = "hunter2-and-more";
    const failure = { code: "STEP_EXIT", message: `it said ${token}`, hint: "look" } as const;
    const { events } = await carried({
      itinerary,
      secrets: { token },
      async perform({ action, note }) {
        await note(remark(action.instance, `by ${token}`));
        return action.kind === "apply" ? { is: "failed", failure } : done;
      },
    });
    const text = JSON.stringify(events);
    expect(text).not.toContain(token);
    expect(text).toContain("it said [secret token]");
    expect(text).toContain("by [secret token]");
  });
});

const isApply = (event: RolloutEvent): boolean =>
  event.kind === "intent" && event.action.kind === "apply";

describe("what is not durable has not happened", () => {
  test("a step whose intent finds no room on the disk is pending nowhere, and nobody does it", async () => {
    const did: string[] = [];
    let isFull = false;
    const { state, error } = await carried({
      itinerary,
      async perform({ action }) {
        did.push(action.kind);
        return done;
      },
      hooks: {
        beforeDurable(_rollout, event) {
          isFull ||= isApply(event);
          if (isFull && leadsOn(event)) throw stateFull("memory");
        },
      },
    });
    expect(error).toBeNull();
    expect(state?.parked).toEqual({ kind: "interrupted", signal: "STATE_FULL" });
    expect([...(state?.instances.values() ?? [])].map(({ pending }) => pending)).toEqual([
      null,
      null,
    ]);
    expect(did).not.toContain("apply");
  });

  test("what an action is given to see is what the journal holds, its own intent included", async () => {
    let durable: RolloutState = { ...openRollout(itinerary), startedBy: "me" };
    const begun: (readonly [given: RolloutState, held: RolloutState])[] = [];
    await carried({
      itinerary,
      onRecord({ event }) {
        durable = evolve(durable, event);
      },
      async perform({ state, action }) {
        begun.push([state, durable]);
        expect(state.instances.get(action.instance)?.pending).toEqual(action);
        return done;
      },
    });
    expect(begun.length).toBeGreaterThan(0);
    for (const [given, held] of begun) expect(given).toEqual(held);
  });
});

describe("a runner that takes a rollout over", () => {
  const note = remark("a", "before it died");

  test("asks first what became of what its predecessor had under way", async () => {
    let isCut = false;
    const dead = await carried({
      itinerary,
      async perform({ action, note: tell }) {
        if (action.kind === "snapshot") await tell(note);
        return done;
      },
      hooks: {
        afterDurable(_rollout, { event }) {
          if (isCut || !isApply(event)) return;
          isCut = true;
          throw new Error("the power is cut");
        },
      },
    });
    expect([dead.state, dead.error]).toEqual([null, new Error("the power is cut")]);
    const inDoubt: (boolean | undefined)[] = [];
    const recalled: Note[] = [];
    const next = await carried({
      itinerary,
      from: dead.journals,
      recall: (it) => recalled.push(it),
      async perform({ action, state }) {
        if (action.kind === "apply") inDoubt.push(state.instances.get(action.instance)?.inDoubt);
        return done;
      },
    });
    const [takenUp, settled] = next.events.slice(dead.events.length);
    expect([takenUp?.kind, settled]).toMatchObject(["taken-up", { kind: "forgotten" }]);
    expect(inDoubt).toEqual([true, false]);
    expect(recalled).toEqual([note]);
    expect(next.state?.closed).toBe("sealed");
  });
});
