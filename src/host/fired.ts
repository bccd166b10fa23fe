import type { Fired } from "../ports/dead-man-switch.ts";
import { type Frame, leadingFrames, numberOf, textsOf } from "./frames.ts";
import { refusalOf } from "./refusal.ts";
import { restoredOf } from "./restore-trees.ts";
import { frameOf } from "./session.ts";

/** Commands that one record may tell of. */
const commandsMax = 1_000;

/** What an answer about a switch that fired says: when, and its record, whole or as far as it got. */
export function firedOf(frames: readonly Frame[], host: string): Fired {
  const [at] = textsOf(frameOf(frames, "FIRED-AT"), 1);
  const record = frameOf(frames, "FIRED").body;
  // Each frame of a record begins with the number of the process that wrote it.
  const [nonce = "fired"] = /^fired[0-9]+/.exec(record.toString("latin1", 0, 20)) ?? [];
  const told = leadingFrames(record, nonce);
  return { at: numberOf(at), ...recordOf(told, host) };
}

function recordOf(told: readonly Frame[], host: string): Omit<Fired, "at"> {
  const trees = told.some((frame) => frame.kind === "FAILED") ? restoredOf(told) : null;
  const refusal = refusalOf(told, host);
  const refused = refusal === null ? [] : [{ path: "/", message: refusal.message }];
  const commands = commandsOf(told);
  const whole = told.some((frame) => frame.kind === "END");
  return {
    complete:
      whole &&
      trees !== null &&
      refusal === null &&
      [...statusesOf(told, "ENDED"), ...statusesOf(told, "PUT-BACK")].join(" ") === "0 0" &&
      commands.every(({ exitCode }) => exitCode !== null),
    restored: trees?.restored ?? 0,
    conflicts: trees?.conflicts ?? { paths: [], total: 0 },
    failed: [...(trees?.failed ?? []), ...refused],
    commands,
  };
}

function commandsOf(told: readonly Frame[]): Fired["commands"] {
  const ends = told.filter((frame) => frame.kind === "COMMAND").slice(0, commandsMax);
  return ends.map((frame) => {
    const [key = "", exitCode] = textsOf(frame, 2);
    return { key, exitCode: exitCode === "" ? null : numberOf(exitCode) };
  });
}

function statusesOf(told: readonly Frame[], kind: string): readonly (string | undefined)[] {
  return told.filter((frame) => frame.kind === kind).map((frame) => textsOf(frame, 1)[0]);
}
