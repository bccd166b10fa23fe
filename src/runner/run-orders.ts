import { exitWords } from "../core/exit-words.ts";
import type { Failure } from "../core/failure.ts";
import type { PathText } from "../core/path-text.ts";
import type { Host } from "../core/plan/inventory.ts";
import { printable } from "../core/printable.ts";
import { workingFolder } from "../core/working-folder.ts";
import type { GuardCommand, ReadOnlyHold, RunResult } from "../ports/guard-command.ts";
import type { StepOrders } from "../ports/step-kind.ts";
import { failed, valueOf } from "./action-ended.ts";
import { journaledOutputMax, stepOutputMax } from "./parts.ts";
import { guardOf, type Work } from "./work.ts";

export interface OrdersRun {
  readonly host: Host;
  readonly orders: StepOrders;
  /** The receipt's name: asked again with the same key, the command is never started twice. */
  readonly key: string;
  readonly snapshot: string | null;
  /** The switch that must be armed when the command begins; null: it runs without one. */
  readonly armed: string | null;
  /** Paths that the command may not change, where the host can see to that. */
  readonly readOnly: readonly PathText[];
  readonly timeoutMs: number;
  /** For messages: `step "redirect"`, `undo of step "redirect"`. */
  readonly what: string;
}

export interface OrdersResult {
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly durationMs: number;
  /** The end of what it printed: bounded, escapes shown, secrets struck out. */
  readonly output: string;
  readonly held: ReadOnlyHold;
  /** null: it did what it should, as far as its own word goes. */
  readonly failure: Failure | null;
}

/**
 * Has these orders carried out and waits for the end. Ends the action when the host can't be
 * reached, when nobody knows how it ended, or when the guard refuses.
 */
export async function runOrders(work: Work, run: OrdersRun): Promise<OrdersResult> {
  const { orders } = run;
  if (orders.do === "http") return sendRequest(work, run, orders);
  const guard = await guardOf(work, run.host);
  const { snapshot, armed, readOnly } = run;
  const answer = await guard.run({ ...guardCommand(run, orders), snapshot, armed, readOnly });
  const result = valueOf(answer);
  if (result.kind === "refused") throw failed(result.failure);
  work.heard = true;
  if (result.kind === "interrupted") {
    const failure = { ...result.failure, host: run.host.name };
    return { exitCode: null, timedOut: false, durationMs: 0, output: "", held: notAsked, failure };
  }
  return finished(work, run, result);
}

/** What a guard is given to run, by a runner or by the host's own switch. */
export function guardCommand(
  { key, timeoutMs }: Pick<OrdersRun, "key" | "timeoutMs">,
  orders: Extract<StepOrders, { do: "script" }>,
): GuardCommand {
  const { script, interpreter, args, env, files } = orders;
  const cwd = workingFolder(env);
  return { key, script, interpreter, args, env, files, cwd, timeoutMs, outputMax: stepOutputMax };
}

const notAsked: ReadOnlyHold = { kind: "not-asked" };

function finished(
  work: Work,
  run: OrdersRun,
  result: Extract<RunResult, { kind: "finished" }>,
): OrdersResult {
  const output = outputText(work, result);
  const { exitCode, timedOut, durationMs, readOnly: held } = result;
  const base = { exitCode, timedOut, durationMs, output, held };
  const where = `${run.what} on ${run.host.name}`;
  if (timedOut)
    return {
      ...base,
      failure: {
        code: "STEP_TIMEOUT",
        message: `${where} did not end within ${run.timeoutMs / 1000} s, and was ended with all its processes`,
        hint: "look at its output; raise `timeout` only when it is known to need longer",
        host: run.host.name,
        detail: output,
      },
    };
  if (exitCode !== 0)
    return {
      ...base,
      failure: {
        code: "STEP_EXIT",
        message: `${where} ended with ${exitWords(exitCode)}`,
        hint:
          output === ""
            ? "it printed nothing; see what its commands do there, correct the step and start a new rollout"
            : "its output says why; correct the step and start a new rollout",
        host: run.host.name,
        detail: output,
      },
    };
  if (held.kind === "held" && held.leftPid !== null)
    return {
      ...base,
      failure: {
        code: "STEP_LEFT_DAEMON",
        message: `${where} left process ${held.leftPid} behind, which can't write to the protected paths that were read-only for the step`,
        hint: "a step that starts a daemon says `prevent: false`; restart that process by hand, or it can't write there for as long as it lives",
        host: run.host.name,
      },
    };
  return { ...base, failure: null };
}

async function sendRequest(
  work: Work,
  run: OrdersRun,
  orders: Extract<StepOrders, { do: "http" }>,
): Promise<OrdersResult> {
  const startedMs = work.parts.clock.now();
  const answer = valueOf(await work.parts.sendHttp(orders.request, work.signal));
  work.heard = true;
  const output = printable(work.parts.redactor.text(answer.body), { max: journaledOutputMax });
  return {
    exitCode: null,
    timedOut: false,
    durationMs: Math.round(work.parts.clock.now() - startedMs),
    output,
    held: notAsked,
    failure: answer.expected
      ? null
      : {
          code: "STEP_EXIT",
          message: `${run.what}: ${orders.request.method} ${orders.request.url} answered ${answer.status}`,
          hint: "look at the answer's text; `status` lists the statuses that count as done",
          detail: output,
        },
  };
}

/** The end of both streams, errors last: where it went wrong is what a person wants to read. */
function outputText(
  work: Work,
  result: { readonly stdout: Uint8Array; readonly stderr: Uint8Array },
): string {
  const { redactor } = work.parts;
  const texts = [result.stdout, result.stderr]
    .map((bytes) => new TextDecoder().decode(redactor.bytes(bytes)).trimEnd())
    .filter((text) => text !== "");
  const whole = texts.join("\n");
  const end = whole.slice(-journaledOutputMax);
  const cut = whole.length - end.length;
  return printable(cut > 0 ? `[${cut} characters before this]\n${end}` : end, {
    max: journaledOutputMax + 64,
  });
}
