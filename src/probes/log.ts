import { z } from "zod";
import { duration } from "../core/plan/durations.ts";
import { oneLine } from "../core/printable.ts";
import type { CommandResult } from "../ports/guard-command.ts";
import type { ProbeContext, ProbeKind } from "../ports/probe-kind.ts";
import { regexTrouble } from "./extended-regex.ts";
import { lastWords, lookOnHost } from "./host-look.ts";
import { logAskScript, logMarkScript } from "./log-script.ts";
import { error, fail, type Found, pass, timed } from "./probe-answers.ts";

/** New bytes of a log that one look reads; more than that in one rollout is trouble by itself. */
export const logBytesMax = 64 * 1024 * 1024;

/** Matching lines that one look counts of one file; more are trouble whatever their number is. */
export const logLinesMax = 10_000;

/** Bytes of the matching line that come back. */
const outputBytesMax = 4096;

/** Characters of the matching line that a sentence quotes. */
const shownMax = 200;

const args = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .refine((path) => path.startsWith("/") || path.startsWith("${"), {
        error: "must be an absolute path",
      })
      .describe("Absolute path of the log on the host; no link."),
    not: z
      .string()
      .superRefine((pattern, check) => {
        const trouble = regexTrouble(pattern.replace(/\$\{[^}]*\}/g, "x"));
        if (trouble !== null) check.addIssue({ code: "custom", message: trouble });
      })
      .describe(
        "POSIX extended regular expression, as for grep -E, that no more new lines than `max` may match.",
      ),
    max: z
      .int()
      .min(0)
      .max(logLinesMax - 1)
      .optional()
      .describe("So many new lines may match. Default: 0."),
    optional: z
      .boolean()
      .default(false)
      .describe("true: a log that is not there counts as empty. Default: nobody can tell."),
    timeout: duration.prefault("15s").describe("How long one look may take. Default: 15s."),
  })
  .describe("No line that matches was written to a log since the rollout began here.");

export type LogArgs = z.output<typeof args>;

/**
 * `log: { path, not }`. The mark is taken before the first step, and every look reads all that was
 * written since then, so that a line between two looks is not missed.
 */
export const log: ProbeKind<LogArgs> = {
  name: "log",
  args,
  substitutes: true,
  place: "host",
  places: ["host", "controller"],
  unproved: () => null,
  unmeasured: (_given, byProbe) =>
    byProbe
      ? null
      : "a place among `probes`, and take `probe: NAME` here: lines count from before the first step, where probes take their marks",
  mark: async (given, context) => {
    const looked = await lookOnHost(context, {
      script: logMarkScript,
      env: {},
      args: [given.path],
      timeoutMs: given.timeout,
      outputMax: outputBytesMax,
    });
    if ("found" in looked) return markOfTrouble(looked.found.because);
    if (looked.result.exitCode !== 0) return markOfTrouble(lastWords(looked.result));
    return new TextDecoder().decode(looked.result.stdout).trim();
  },
  ask: (given, context) => timed(() => look(given, context)),
};

/** A mark that could not be taken says why, and every later look says it again. */
function markOfTrouble(words: string): string {
  return `unknown ${words}`;
}

async function look(given: LogArgs, context: ProbeContext): Promise<Found> {
  const mark = readMark(context.mark);
  if (typeof mark === "string") return error(`"${given.path}" had no mark to begin from${mark}`);
  const looked = await lookOnHost(context, {
    script: logAskScript,
    env: {},
    args: [
      given.path,
      given.not,
      String(logBytesMax),
      mark.inode,
      mark.size,
      mark.print,
      String(logLinesMax),
    ],
    timeoutMs: given.timeout,
    outputMax: outputBytesMax,
  });
  if ("found" in looked) return looked.found;
  if (looked.result.exitCode !== 0) {
    return error(`"${given.path}" can't be read${lastWords(looked.result)}`);
  }
  return judge(given, mark, looked.result);
}

interface Mark {
  readonly inode: string;
  readonly size: string;
  readonly print: string;
}

/** A string says why there is no mark. */
function readMark(text: string | null): Mark | string {
  if (text === null) return "";
  if (text === "none") return { inode: "", size: "", print: "" };
  const match = /^(\d{1,20}) (\d{1,18}) ([0-9:]{1,40})$/.exec(text);
  if (match === null) return text.replace(/^unknown ?/, "");
  return { inode: match[1]!, size: match[2]!, print: match[3]! };
}

function judge(given: LogArgs, mark: Mark, result: CommandResult): Found {
  const end = result.stdout.indexOf(0x0a);
  const head = new TextDecoder().decode(result.stdout.subarray(0, end));
  const match = /^(none|same|replaced|emptied) (\d{1,18})$/.exec(head);
  if (match === null) return error(`"${given.path}": the host's answer can't be read`);
  const bytes = Number(match[2]);
  if (match[1] === "none") {
    const was = mark.inode === "" ? "is not there" : "is not there any more";
    return given.optional
      ? { ...pass(`"${given.path}" ${was}`), value: 0 }
      : error(`"${given.path}" ${was}`);
  }
  const rest = result.stdout.subarray(end + 1);
  const counted = new TextDecoder().decode(rest.subarray(0, lineEnd(rest)));
  if (!/^\d{1,9}$/.test(counted)) return error(`"${given.path}": the host's answer can't be read`);
  const count = Number(counted);
  const { max = 0 } = given;
  if (count > max) {
    const line = rest.subarray(lineEnd(rest) + 1);
    const shown = oneLine(line.subarray(0, lineEnd(line)), { max: shownMax });
    const lines = count === 1 ? "a new line" : `${countWords(count)} new lines`;
    const allowed = max === 0 ? "" : `, at most ${max} allowed`;
    const because = `"${given.path}" has ${lines} like /${given.not}/${allowed}: "${shown}"`;
    return { ...fail(because), value: count };
  }
  if (bytes > logBytesMax)
    return error(`"${given.path}" grew by ${bytes} bytes, and ${logBytesMax} are read`);
  const since = match[1] === "same" ? "" : ` since it was ${match[1]}`;
  const lines = count === 0 ? "no line" : count === 1 ? "1 line" : `${count} lines`;
  const because = `${lines} like /${given.not}/ in ${bytes} new bytes of "${given.path}"${since}`;
  return { ...pass(because), value: count };
}

function countWords(count: number): string {
  return count >= logLinesMax ? `${logLinesMax} or more` : String(count);
}

function lineEnd(bytes: Uint8Array): number {
  const end = bytes.indexOf(0x0a);
  return end === -1 ? bytes.length : end;
}
