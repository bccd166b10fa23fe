import { describe, expect, test } from "vitest";
import type { FailureCode } from "../../src/core/failure.ts";
import { refuseHarm } from "../../src/runner/refuse-harm.ts";
import { smallItinerary } from "../support/small-itinerary.ts";
import { failureOf } from "./support/host-answers.ts";
import { carried } from "./support/one-rollout.ts";

const itinerary = smallItinerary({ regions: { eu: [["a"]] } });
const { digest, rollout } = itinerary;

/** A journal with one rollout of this plan in it, whose step ended so; null: well. */
async function journalAfter(code: FailureCode | null) {
  const { journals } = await carried({
    itinerary,
    perform: async ({ action }) =>
      action.kind === "apply" && code !== null
        ? { is: "failed", failure: failureOf(code) }
        : { is: "done" },
  });
  return journals;
}

describe("a plan that did harm", () => {
  test.each<FailureCode>(["STEP_EXIT", "CONTRACT_BROKEN", "PROBE_FAILED"])(
    "is refused, by the harm it did: %s",
    async (code) => {
      const journals = await journalAfter(code);
      await expect(refuseHarm(journals, digest, null)).rejects.toMatchObject({
        failure: {
          code: "PLAN_DID_HARM",
          message: `this very plan did harm in rollout "${rollout}": it said ${code}`,
        },
      });
      await expect(refuseHarm(journals, digest, "another")).rejects.toThrow("did harm");
    },
  );

  test("may be tried again once it was changed, or by whoever names the rollout all the same", async () => {
    const journals = await journalAfter("STEP_EXIT");
    await expect(refuseHarm(journals, "1".repeat(64), null)).resolves.toBeUndefined();
    await expect(refuseHarm(journals, digest, rollout)).resolves.toBeUndefined();
  });
});

test.each<[string, FailureCode | null]>([
  ["went well", null],
  ["was taken back by its hosts, because nobody was heard", "GUARD_FIRED"],
])("a plan that %s may be tried again", async (_how, code) => {
  const journals = await journalAfter(code);
  await expect(refuseHarm(journals, digest, null)).resolves.toBeUndefined();
});
