import { createInterface } from "node:readline/promises";
import { quoted } from "../core/plan/quoted.ts";
import type { LoadedPlan } from "../sources/load-plan.ts";
import { canAsk, type Io } from "./io.ts";
import { UsageError } from "./refusal.ts";
import { previewOf, printPreview } from "./show-preview.ts";

export interface IntentArgs {
  readonly plan: string;
  readonly approve?: string | undefined;
  readonly color?: boolean | undefined;
}

/**
 * Production asks for intent. The digest that somebody approved must be that of this very plan;
 * without one, a person at a terminal reads the preview and types the names of the regions. Without
 * either, nothing starts, and nothing is ever asked where nobody could answer.
 */
export async function proveIntent(loaded: LoadedPlan, args: IntentArgs, io: Io): Promise<void> {
  const { digest, regions } = await previewOf(loaded);
  if (args.approve !== undefined) {
    if (args.approve.toLowerCase() === digest) return;
    throw new UsageError(
      `--approve names another plan: this one has the digest ${digest}, and ${quoted(args.approve)} was approved`,
      `look at what changed with: handrail preview ${args.plan}`,
    );
  }
  if (!loaded.inventory.production) return;
  if (!canAsk(io)) {
    throw new UsageError(
      `inventory ${quoted(loaded.inventory.name)} is production, and nobody is at a terminal to confirm`,
      `read the digest from: handrail preview ${args.plan}, and give it to apply with --approve DIGEST`,
    );
  }
  await printPreview(loaded, { args, io, output: io.stderr });
  await typeRegions(
    regions.map(({ name }) => name),
    io,
  );
}

/** Waits for the names of all regions; anything else ends it here. */
async function typeRegions(names: readonly string[], io: Io): Promise<void> {
  const prompt = createInterface({ input: io.stdin, output: process.stderr });
  const interrupted = new AbortController();
  prompt.on("SIGINT", () => interrupted.abort());
  prompt.on("close", () => interrupted.abort());
  try {
    const question = `\nThis is production. To begin, type the names of the regions (${names.join(" ")}): `;
    const typed = await prompt.question(question, { signal: interrupted.signal });
    const words = typed.split(/[\s,]+/).filter((word) => word !== "");
    if (words.length === names.length && names.every((name) => words.includes(name))) return;
    throw new UsageError(
      `that is not ${names.map((name) => quoted(name)).join(", ")}; nothing was touched`,
      "start again, and type every region's name",
    );
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    throw new UsageError(
      "nothing was confirmed, and nothing was touched",
      "start again when ready",
    );
  } finally {
    prompt.close();
  }
}
