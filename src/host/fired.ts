import type { Fired } from "../ports/dead-man-switch.ts";
import { type Frame, leadingFrames, numberOf, ProtocolError, textsOf } from "./frames.ts";
import { refusalOf } from "./refusal.ts";
import { restoredOf } from "./restore-trees.ts";
import { frameOf } from "./session.ts";

/** Commands that one record may tell of. */
const commandsMax = 1_000;

/** Begins each frame of a switch's own record. */
const recordNonce = "fired";

/** What an answer about a switch that fired says: when, and its record, whole or as far as it got. */
export function firedOf(frames: readonly Frame[], host: string): Fired {
  const [at] = textsOf(frameOf(frames, "FIRED-AT"), 1);
  const told = leadingFrames(frameOf(frames, "FIRED").body, recordNonce);
  return { at: numberOf(at), ...recordOf(told, host) };
}

function recordOf(told: readonly Frame[], host: string): Omit<Fired, "at"> {
  const trees = told.some((frame) => frame.kind === "FAILED") ? restoredOf(told) : null;
  const refusal = refusalOf(told, host);
  const [ended] = statusesOf(told, "ENDED");
  const [putBack] = statusesOf(told, "PUT-BACK");
  const refused = refusal === null ? [] : [{ path: "/", message: refusal.message }];
  const whole = told.some((frame) => frame.kind === "END");
  return {
    complete: whole && refusal === null && ended === "0" && putBack === "0" && trees !== null,
    restored: trees?.restored ?? 0,
    conflicts: trees?.conflicts ?? { paths: [], total: 0 },
    failed: [...(trees?.failed ?? []), ...refused],
    commands: told
      .filter((frame) => frame.kind === "COMMAND")
      .slice(0, commandsMax)
      .map((frame) => {
        const [key, exitCode] = textsOf(frame, 2);
        if (key === undefined) throw new ProtocolError("a command without a key");
        return { key, exitCode: exitCode === "" ? null : numberOf(exitCode) };
      }),
  };
}

function statusesOf(told: readonly Frame[], kind: string): readonly (string | undefined)[] {
  return told.filter((frame) => frame.kind === kind).map((frame) => textsOf(frame, 1)[0]);
}
