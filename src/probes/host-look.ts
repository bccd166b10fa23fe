import { oneLine } from "../core/printable.ts";
import type { AskOrder } from "../ports/guard.ts";
import type { CommandResult } from "../ports/guard-command.ts";
import type { ProbeContext } from "../ports/probe-kind.ts";
import { error, type Found } from "./probe-answers.ts";

/** Characters of a command's output that a sentence quotes. */
const shownMax = 160;

/** Runs a read-only command; whatever keeps it from ending by itself is "could not tell". */
export async function lookOnHost(
  context: ProbeContext,
  order: AskOrder,
): Promise<{ readonly result: CommandResult } | { readonly found: Found }> {
  if (context.signal.aborted) return { found: error("interrupted before the look") };
  const answer = await context.run(order);
  if (answer.kind !== "result") return { found: error(answer.failure.message) };
  if (answer.value.timedOut) return { found: error(`did not end within ${order.timeoutMs} ms`) };
  return { result: answer.value };
}

/** `: "last words"` for the end of a sentence; "" when nothing was printed. */
export function lastWords(result: CommandResult): string {
  const printed = result.stderr.length > 0 ? result.stderr : result.stdout;
  const text = oneLine(printed, { max: shownMax, keep: "end" }).trim();
  return text === "" ? "" : `: "${text}"`;
}
