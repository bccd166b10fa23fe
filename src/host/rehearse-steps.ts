import { Buffer } from "node:buffer";
import type { Answer } from "../core/answer.ts";
import { pathBytes } from "../core/path-text.ts";
import { printable } from "../core/printable.ts";
import type {
  ListedChanges,
  RehearsalResult,
  RehearseOrder,
  StepInCopy,
} from "../ports/rehearsal.ts";
import { changesIn } from "./compare-trees.ts";
import { fieldsOf, type Frame, numberOf, ProtocolError, textsOf } from "./frames.ts";
import { spellingFault } from "./host-paths.ts";
import { launchText, copyText } from "./rehearse-text.ts";
import { environmentOf, plainFile } from "./run-command.ts";
import { askGuard, frameOf, type Session } from "./session.ts";
import { command, shellBytes, type ShellText } from "./shell-text.ts";

/** Lines of one tree beyond two for each change that may be listed: folders whose times moved. */
const linesToSpare = 1_000;

/** Where a step finds its program in the copy. */
const programPath = "/dev/handrail/program";

/** Recorded calls that are told, and words of each. */
const callsMax = 100;
const wordsMax = 40;

/** Characters of one word of a call, and of a note. */
const wordLengthMax = 200;

/** Has these steps run in a copy of the host; see `RehearsalStage`. */
export async function rehearseSteps(
  session: Session,
  order: RehearseOrder,
): Promise<Answer<RehearsalResult>> {
  const { limits } = order;
  for (const path of order.paths) {
    const fault = spellingFault(path);
    if (fault === null) continue;
    const failure = {
      code: "NOT_REHEARSABLE" as const,
      message: `no effects on "${path}" can be told on ${session.host}: ${fault}`,
      hint: "write the path in full, beginning with / and without . or ..",
      host: session.host,
      path,
    };
    return { kind: "result", value: { kind: "refused", failure } };
  }
  const parts = order.steps.map((step, at) => stepRequest(step, at + 1));
  const payload = parts.flatMap(({ payload: own }) => own);
  const begin = command(
    "begin_rehearsal",
    order.network ? "yes" : "no",
    order.trace ? "yes" : "no",
    Math.ceil(limits.bytes / 1024),
    limits.inodes,
    limits.outputMax,
    limits.changesMax * 2 + linesToSpare,
    ...order.paths.map(pathBytes),
  );
  const program = shellBytes(
    copyText([begin, ...parts.map(({ request }) => request), "end_rehearsal"]),
  );
  const length = payload.reduce((sum, part) => sum + part.length, 0);
  const request = `${launchText()}\n${command("rehearse", program.length, length)}`;
  const asked = await askGuard(session, request, [program, ...payload]);
  if (asked.kind !== "result") return asked;
  if (asked.value.kind === "refused") return { kind: "result", value: asked.value };
  return { kind: "result", value: resultOf(asked.value.frames, limits.changesMax) };
}

function stepRequest(
  step: RehearseOrder["steps"][number],
  number: number,
): { readonly request: ShellText; readonly payload: readonly Uint8Array[] } {
  const program = Buffer.from(step.script);
  const environment = environmentOf(step);
  const request = command(
    "rehearse_step",
    number,
    Math.max(1, Math.ceil(step.timeoutMs)),
    program.length,
    environment.length,
    step.files.length,
    ...step.files.flatMap((file) => [plainFile(file.name), file.content.length]),
    ...step.interpreter,
    programPath,
    ...step.args,
  );
  return { request, payload: [program, environment, ...step.files.map(({ content }) => content)] };
}

function resultOf(frames: readonly Frame[], changesMax: number): RehearsalResult {
  frameOf(frames, "REHEARSED");
  const [kibibytes, , notes] = textsOf(frameOf(frames, "COPIED"), 3);
  const steps: StepInCopy[] = [];
  let from = frames.findIndex(({ kind }) => kind === "STEP");
  while (from >= 0) {
    const end = frames.findIndex(({ kind }, at) => at > from && kind === "STEPPED");
    if (end < 0) throw new ProtocolError("a step of a rehearsal without an end");
    steps.push(stepOf(frames.slice(from, end), changesMax));
    from = frames.findIndex(({ kind }, at) => at > end && kind === "STEP");
  }
  return {
    kind: "rehearsed",
    bytes: numberOf(kibibytes) * 1024,
    notes: (notes ?? "")
      .split("\n")
      .filter((note) => note !== "")
      .map((note) => printable(note, { max: 2 * wordLengthMax })),
    steps,
  };
}

function stepOf(frames: readonly Frame[], changesMax: number): StepInCopy {
  const [, exitCode, timedOut, durationMs, full] = textsOf(frameOf(frames, "STEP"), 6);
  const inside = frames.findIndex(({ kind }) => kind === "INSIDE");
  const outside = frames.findIndex(({ kind }) => kind === "OUTSIDE");
  if (inside < 0 || outside < inside) throw new ProtocolError("a step without its effects");
  return {
    exitCode: numberOf(exitCode),
    timedOut: timedOut === "yes",
    durationMs: numberOf(durationMs),
    full: full === "yes",
    stdout: frameOf(frames, "OUTPUT-out").body,
    stderr: frameOf(frames, "OUTPUT-err").body,
    calls: callsOf(frameOf(frames, "OUTPUT-calls")),
    traced: frameOf(frames, "OUTPUT-traced").body,
    inside: listed(frames.slice(inside, outside), changesMax),
    outside: listed(frames.slice(outside), changesMax),
  };
}

/**
 * The inode of a file is another one as soon as it was written in the copy, whatever was done to it, so
 * nothing is made of it: content was compared, and who holds a file open is not in a copy anyway.
 */
function listed(frames: readonly Frame[], changesMax: number): ListedChanges {
  const { changes, total } = changesIn(frames);
  const lasting = changes.flatMap((change) => {
    const { before, after } = change;
    if (before === null || after === null) return [change];
    // It was written, and nobody has compared what is in it: a doubt, which is never read as harmless.
    if (change.sameContent === null && before.inode !== after.inode) return [change];
    const same = { ...after, inode: before.inode };
    const differs =
      change.sameContent !== true ||
      before.mtime !== after.mtime ||
      before.mode !== after.mode ||
      before.uid !== after.uid ||
      before.gid !== after.gid;
    return differs ? [{ ...change, after: same }] : [];
  });
  return {
    changes: lasting.slice(0, changesMax),
    total: total - (changes.length - lasting.length),
  };
}

/** Each word begins with "+", and an empty one ends a call. What is cut short is left out. */
function callsOf(frame: Frame): readonly (readonly string[])[] {
  const cut = frame.body.lastIndexOf(0);
  const whole: Frame = { ...frame, body: frame.body.subarray(0, cut + 1) };
  const calls: string[][] = [];
  let call: string[] = [];
  for (const field of fieldsOf(whole)) {
    if (field.length === 0) {
      if (call.length > 0 && calls.length < callsMax) calls.push(call);
      call = [];
    } else if (call.length < wordsMax) {
      call.push(printable(field.subarray(1), { max: wordLengthMax }));
    }
  }
  return calls;
}
