import { Buffer } from "node:buffer";
import type { Answer } from "../core/answer.ts";
import type { AskOrder } from "../ports/guard.ts";
import type { CommandResult } from "../ports/guard-command.ts";
import { numberOf, ProtocolError, textsOf } from "./frames.ts";
import { askText } from "./guard-text.ts";
import { frameOf, type Session, askGuard } from "./session.ts";
import { command, exported, shellBytes } from "./shell-text.ts";

/** Asks; the question's text, its output and its end all travel over the channel alone. */
export async function askQuestion(
  session: Session,
  order: AskOrder,
): Promise<Answer<CommandResult>> {
  const question = shellBytes(
    askText({
      script: order.script,
      environment: exported(order.env),
      args: order.args ?? [],
      outputMax: Math.max(0, Math.floor(order.outputMax)),
    }),
  );
  const limitMs = Math.max(1, Math.ceil(order.timeoutMs));
  const asked = await askGuard(session, command("ask", question.length, limitMs), [question]);
  if (asked.kind !== "result") return asked;
  if (asked.value.kind === "refused") return { kind: "not-sent", failure: asked.value.failure };
  const [durationMs, text] = textsOf(frameOf(asked.value.frames, "ANSWER"), 2);
  return { kind: "result", value: { ...resultOf(text ?? ""), durationMs: numberOf(durationMs) } };
}

function resultOf(text: string): Omit<CommandResult, "durationMs"> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let dropped = 0;
  let timedOut = false;
  let exitCode: number | null = null;
  for (const line of text.split("\n")) {
    const [kind = "", ...values] = line.split(" ");
    const [value] = values;
    if (kind === "o") stdout.push(Buffer.from(values.join(""), "hex"));
    else if (kind === "e") stderr.push(Buffer.from(values.join(""), "hex"));
    else if (kind === "o+" || kind === "e+") dropped += numberOf(value);
    else if (kind === "exit") exitCode = numberOf(value);
    else if (kind === "late") timedOut = true;
  }
  if (exitCode === null) throw new ProtocolError("an answer that says not how it ended");
  return {
    exitCode,
    timedOut,
    dropped,
    stdout: Buffer.concat(stdout),
    stderr: Buffer.concat(stderr),
  };
}
