import { appendFileSync, closeSync, openSync } from "node:fs";
import { resolve } from "node:path";
import type { Failure } from "../core/failure.ts";
import type { JsonLines } from "../views/json-lines.ts";
import type { LiveView } from "../views/live-view.ts";
import type { RolloutEnd } from "../app.ts";
import type { OnRecord } from "../steady-onlooker.ts";
import { type CiArgs, openCiFiles } from "./ci-files.ts";
import type { Io, TextOutput } from "./io.ts";
import { planWords } from "./plan-words.ts";
import { refusedEvent } from "./refused-event.ts";
import { unwritable, writeTrouble } from "./unwritable.ts";
import { toolVersion } from "../version.ts";

export interface LookArgs extends CiArgs {
  readonly json: boolean;
  readonly "json-into"?: string | undefined;
  readonly color?: boolean | undefined;
  /** Stay where a person or a window is waited for. */
  readonly stay?: boolean | undefined;
}

/** Everybody who looks on while a rollout goes: a live view, JSON lines, or both. */
export interface Onlookers extends AsyncDisposable {
  readonly record: OnRecord;
  /**
   * From now on a line per event: what is said beside a tree would be held back until it ends, and a
   * process that leaves at once would leave the cursor hidden.
   */
  goPlain(): Promise<void>;
  /** Says how it ended, to people and to programs; gives the exit code. */
  finish(end: RolloutEnd, options: FinishOptions): Promise<number>;
  /** Tells programs that another rollout is waited for, and for how long at most. */
  waiting(failure: Failure, leftMs: number): void;
  /** The last line for programs, where the rollout was refused. A bug has no such line. */
  refuse(error: unknown): Promise<void>;
}

export interface FinishOptions {
  /** How to call handrail here, for the commands that are suggested. */
  readonly program: string;
  /** Name of the signal that made it stop. */
  readonly interruptedBy: string | null;
}

export async function onlookersFor(args: LookArgs, io: Io): Promise<Onlookers> {
  const file = args["json-into"] === undefined ? null : openFile(args["json-into"], io);
  const ci = await openCiFiles(args, io);
  const machines: JsonLines[] = [];
  if (args.json) machines.push(await machineView(io.stdout));
  if (file !== null) machines.push(await machineView(file));
  let live = args.json ? null : await liveView(args, io, { carries: true });
  return {
    record(record, before, after) {
      live?.record(record, before, after);
      for (const view of machines) view.record(record, before, after);
    },
    async goPlain() {
      if (live === null) return;
      const { plainLines } = await import("../views/plain-lines.ts");
      const drawn = live;
      live = plainLines({ output: io.stdout, ...(await pageFor(args, io)) });
      await drawn.end();
    },
    async finish({ state, records }, { program, interruptedBy }) {
      const { summarise } = await import("../views/summary.ts");
      const options = {
        program,
        nowMs: Date.now(),
        ...planWords(records, io),
        ...(interruptedBy === null ? {} : { interruptedBy }),
      };
      const summary = summarise(state, records, options);
      const { summaryEvent } = await import("../views/summary-event.ts");
      const line = summaryEvent(summary, state.halt?.sentence ?? null, new Date().toISOString());
      for (const machine of machines) machine.summary(line);
      const { rolloutReport } = await import("../views/ci-report.ts");
      ci.tell(rolloutReport(state, records, { summary, program }));
      // Last: a terminal that somebody has stopped holds up nobody but its own reader.
      await live?.end();
      if (live !== null) {
        const { haltPanel } = await import("../views/halt-panel.ts");
        io.stdout.write(haltPanel(state, records, { ...options, ...(await pageFor(args, io)) }));
      }
      return summary.exit;
    },
    waiting(failure, leftMs) {
      const at = new Date().toISOString();
      for (const machine of machines) machine.waiting({ at, failure, leftMs });
    },
    async refuse(error) {
      ci.refuse(error);
      const line = refusedEvent(error);
      if (line !== null) for (const machine of machines) machine.summary(line);
      await live?.end();
    },
    [Symbol.asyncDispose]() {
      file?.close();
      ci[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}

/** How wide, in colour or not, and in which signs text on standard output is to be. */
export async function pageFor(args: { readonly color?: boolean | undefined }, io: Io) {
  const { wantsColor } = await import("../views/paint.ts");
  const isTTY = io.stdout.isTTY === true;
  const color = wantsColor({ isTTY, env: io.env, flag: args.color ?? null });
  const { wantsAscii } = await import("../views/ascii.ts");
  const ascii = wantsAscii({ isTTY, env: io.env });
  // A terminal that was never given a size says 0.
  const { columns = 0 } = io.stdout;
  return { color, ascii, columns: columns === 0 ? null : columns };
}

async function machineView(output: TextOutput): Promise<JsonLines> {
  const { jsonLines } = await import("../views/json-lines.ts");
  return jsonLines({ output, handrail: toolVersion() });
}

/** A tree on a terminal that can draw one, else a line per event. `carries`: the rollout is this process's. */
export async function liveView(
  args: { readonly color?: boolean | undefined },
  io: Io,
  { carries }: { readonly carries: boolean },
): Promise<LiveView> {
  const page = await pageFor(args, io);
  if (io.stdout === process.stdout && process.stdout.isTTY && io.env["TERM"] !== "dumb") {
    const { tree } = await import("../views/tree.ts");
    const { stdout: output, stderr: errors } = process;
    return tree({
      output,
      errors,
      color: page.color,
      ascii: page.ascii,
      carries,
      now: () => Date.now(),
    });
  }
  const { plainLines } = await import("../views/plain-lines.ts");
  return plainLines({ output: io.stdout, ...page });
}

/** A file that fails later (its disk is full, say) is told once, and written no more. */
function openFile(named: string, io: Io): TextOutput & { close(): void } {
  const path = resolve(io.cwd, named);
  const file = openNew(named, path);
  let works = true;
  return {
    write(text) {
      if (!works) return;
      try {
        appendFileSync(file, text);
      } catch (error) {
        works = false;
        const why = error instanceof Error ? error.message : String(error);
        io.stderr.write(`--json-into "${path}" ends here, it can't be written any more: ${why}\n`);
      }
    },
    close: () => closeSync(file),
  };
}

function openNew(named: string, path: string): number {
  try {
    return openSync(path, "w");
  } catch (error) {
    throw unwritable("--json-into", named, writeTrouble(error));
  }
}
