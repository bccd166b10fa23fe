import { appendFileSync, closeSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { HandrailError } from "../core/failure.ts";
import type { JsonLines } from "../views/json-lines.ts";
import type { LiveView } from "../views/live-view.ts";
import type { OnRecord, RolloutEnd } from "../app.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io, TextOutput } from "./io.ts";
import { UsageError } from "./refusal.ts";
import { toolVersion } from "../version.ts";

export interface LookArgs {
  readonly json: boolean;
  readonly "json-into"?: string | undefined;
  readonly color?: boolean | undefined;
}

/** Everybody who looks on while a rollout goes: a live view, JSON lines, or both. */
export interface Onlookers extends AsyncDisposable {
  readonly record: OnRecord;
  /** Says how it ended, to people and to programs; gives the exit code. */
  finish(end: RolloutEnd, interruptedBy: string | null): Promise<number>;
  /** The last line for programs, where the rollout was refused before it opened. */
  refuse(error: unknown): Promise<void>;
}

/** `program`: how to call handrail here, for the commands that are suggested. */
export async function onlookersFor(args: LookArgs, io: Io, program: string): Promise<Onlookers> {
  const file =
    args["json-into"] === undefined ? null : openFile(resolve(io.cwd, args["json-into"]));
  const machines: JsonLines[] = [];
  if (args.json) machines.push(await machineView(io.stdout));
  if (file !== null) machines.push(await machineView(file));
  const live = args.json ? null : await liveView(args, io);
  const all: readonly LiveView[] = live === null ? machines : [live, ...machines];
  return {
    record(record, before, after) {
      for (const view of all) view.record(record, before, after);
    },
    async finish({ state, records }, interruptedBy) {
      await live?.end();
      const { summarise } = await import("../views/summary.ts");
      const options = { program, ...(interruptedBy === null ? {} : { interruptedBy }) };
      const summary = summarise(state, records, options);
      const { summaryEvent } = await import("../views/summary-event.ts");
      const line = summaryEvent(summary, state.halt?.sentence ?? null, new Date().toISOString());
      for (const machine of machines) machine.summary(line);
      if (live !== null) {
        const { haltPanel } = await import("../views/halt-panel.ts");
        io.stdout.write(haltPanel(state, records, { ...options, ...(await pageFor(args, io)) }));
      }
      return summary.exit;
    },
    async refuse(error) {
      await live?.end();
      if (!(error instanceof HandrailError)) return;
      const { refusalEvent } = await import("../views/summary-event.ts");
      const at = new Date().toISOString();
      const line = refusalEvent({ at, exit: exitCodes.refused, failures: [error.failure] });
      for (const machine of machines) machine.summary(line);
    },
    [Symbol.asyncDispose]() {
      file?.close();
      return Promise.resolve();
    },
  };
}

/** How wide, and in colour or not, text on standard output is to be. */
export async function pageFor(args: { readonly color?: boolean | undefined }, io: Io) {
  const { wantsColor } = await import("../views/paint.ts");
  const isTTY = io.stdout.isTTY === true;
  const color = wantsColor({ isTTY, env: io.env, flag: args.color ?? null });
  return { color, columns: io.stdout.columns ?? null };
}

async function machineView(output: TextOutput): Promise<JsonLines> {
  const { jsonLines } = await import("../views/json-lines.ts");
  return jsonLines({ output, handrail: toolVersion() });
}

export async function liveView(
  args: { readonly color?: boolean | undefined },
  io: Io,
): Promise<LiveView> {
  const { plainLines } = await import("../views/plain-lines.ts");
  return plainLines({ output: io.stdout, ...(await pageFor(args, io)) });
}

function openFile(path: string): TextOutput & { close(): void } {
  try {
    const file = openSync(path, "w");
    return { write: (text) => appendFileSync(file, text), close: () => closeSync(file) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `--json-into can't write there: ${why}`,
      "give a file in a folder that is there",
    );
  }
}
