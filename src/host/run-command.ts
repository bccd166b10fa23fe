import { Buffer } from "node:buffer";
import type { Answer } from "../core/answer.ts";
import { pathBytes } from "../core/path-text.ts";
import type { ReadOnlyHold, RunOrder, RunResult, SettleOrder } from "../ports/guard-command.ts";
import { printable } from "../core/printable.ts";
import { type Frame, numberOf, ProtocolError, textsOf } from "./frames.ts";
import { askGuard, frameOf, plainName, type Session } from "./session.ts";
import { command, exported, shellBytes, type ShellText, word } from "./shell-text.ts";

/** Characters of why paths could not be closed to a command. */
const whyMax = 200;

type Settled = RunResult | { readonly kind: "never" };

/** Has the command run under its receipt, or follows or reports the run that the receipt tells of. */
export async function runCommand(session: Session, order: RunOrder): Promise<Answer<RunResult>> {
  const { request, program, environment, files } = runRequest(session, order);
  const asked = await askGuard(session, request, [program, environment, ...files]);
  if (asked.kind !== "result") return asked;
  if (asked.value.kind === "refused") return { kind: "result", value: asked.value };
  const result = resultOf(asked.value.frames, session, order.key);
  if (result.kind === "never") throw new ProtocolError("a command that never ran");
  return { kind: "result", value: result };
}

/** A request that runs a command, and the three parts of its payload in their order. */
export interface RunRequest {
  readonly request: ShellText;
  readonly program: Uint8Array;
  /** Holds secrets: it must never be written to the host's disk. */
  readonly environment: Uint8Array;
  readonly files: readonly Uint8Array[];
}

export function runRequest(session: Session, order: RunOrder): RunRequest {
  const attempt = `try.${session.newName()}`;
  const program = Buffer.from(order.script);
  const environment = environmentOf(order);
  const staged = order.files.flatMap((file) => [plainFile(file.name), file.content.length]);
  const path = `${session.home}/runs/${plainName(order.key)}/${attempt}/program`;
  const request = command(
    "run",
    order.key,
    session.epoch,
    order.snapshot === null ? "" : plainName(order.snapshot),
    order.armed === null ? "" : plainName(order.armed),
    attempt,
    Math.max(1, Math.ceil(order.timeoutMs)),
    Math.max(0, Math.floor(order.outputMax)),
    program.length,
    environment.length,
    order.readOnly.length,
    order.files.length,
    ...order.readOnly.map(pathBytes),
    ...staged,
    ...order.interpreter,
    path,
    ...order.args,
  );
  return { request, program, environment, files: order.files.map((file) => file.content) };
}

/** See `Guard.settle`. */
export async function settleCommand(
  session: Session,
  order: SettleOrder,
): Promise<Answer<Settled>> {
  const hundredths = Math.max(0, Math.ceil(order.waitMs / 10));
  const which = order.onlyIfBegun === true ? ["begun"] : [];
  const request = command("settle", plainName(order.key), session.epoch, hundredths, ...which);
  const asked = await askGuard(session, request);
  if (asked.kind !== "result") return asked;
  if (asked.value.kind === "refused") return { kind: "result", value: asked.value };
  return { kind: "result", value: resultOf(asked.value.frames, session, order.key) };
}

function resultOf(frames: readonly Frame[], session: Session, key: string): Settled {
  if (frames.some((frame) => frame.kind === "NEVER")) return { kind: "never" };
  const interrupted = frames.find((frame) => frame.kind === "INTERRUPTED");
  if (interrupted !== undefined) {
    const [because] = textsOf(interrupted, 1);
    return {
      kind: "interrupted",
      failure: {
        code: "STEP_INTERRUPTED",
        message: `the command "${key}" began on ${session.host} and left no exit code: ${because}`,
        hint: "what it did is not known; its snapshot goes back before anything else is done",
        host: session.host,
      },
    };
  }
  const [exitCode, timedOut, durationMs, dropped, hold, why] = textsOf(
    frameOf(frames, "FINISHED"),
    6,
  );
  return {
    kind: "finished",
    exitCode: numberOf(exitCode),
    timedOut: timedOut === "yes",
    durationMs: numberOf(durationMs),
    dropped: numberOf(dropped),
    readOnly: holdOf(hold, why),
    stdout: frameOf(frames, "OUTPUT-out").body,
    stderr: frameOf(frames, "OUTPUT-err").body,
  };
}

function holdOf(hold: string | undefined, why: string | undefined): ReadOnlyHold {
  if (hold === "not-asked") return { kind: hold };
  if (hold === "held") return { kind: hold, leftPid: null };
  if (hold === "left") return { kind: "held", leftPid: numberOf(why?.trim()) };
  if (hold !== "impossible")
    throw new ProtocolError(`"${hold ?? ""}" where it should say whether paths were closed`);
  return { kind: "impossible", because: printable(why ?? "", { max: whyMax }).trim() };
}

/** Read and evaluated on the host by the process that becomes the command; never a file there. */
export function environmentOf(order: Pick<RunOrder, "env" | "cwd">): Uint8Array {
  return shellBytes(`${exported(order.env)}cd -- ${word(order.cwd ?? "/")} || exit 126; :`);
}

/** This name, when it is one without a folder; a file of that name is staged on a host. */
export function plainFile(name: string): string {
  if (name === "" || name === "." || name === ".." || /[/\0]/.test(name))
    throw new Error(`"${name}" is no plain file name`);
  return name;
}
