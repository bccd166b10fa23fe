import { expect, test } from "vitest";
import { heldLines } from "../../src/cli/lock-lines.ts";
import { drive } from "../support/drive.ts";
import { smallItinerary } from "../support/small-itinerary.ts";

test("a lock of a rollout that waits for approval is cleared by approving, which `resume` is not", () => {
  const itinerary = smallItinerary({ regions: { eu: [["eu1"]], us: [["us1"]] }, approve: ["us"] });
  const { state } = drive(itinerary, () => null);
  expect(state.parked).toEqual({ kind: "approval", region: "us" });
  const id = itinerary.rollout;
  const found = { id, state, records: [], holder: null };
  const words = { program: "handrail", hosts: "locks release" };
  const held = heldLines(found, words).join("\n");
  expect(held).toContain(`handrail approve ${id} us`);
  expect(held).not.toContain("resume");
});
