import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../refusal.ts";
import { registries } from "../registries.ts";
import { writeTrouble } from "../unwritable.ts";

/** `handrail init [FOLDER]`: a commented plan and inventory to start from. */
export const init = command({
  usage: "init [folder]",
  describe: "Write a commented plan and inventory to start from",
  options: (parser) =>
    parser.positional("folder", {
      type: "string",
      default: ".",
      describe: "where to; it is made if it is not there",
    }),
  run: async ({ folder }, io) => {
    const { initTexts } = await import("../../core/plan/starter.ts");
    const texts = Object.entries(initTexts(await registries()));
    const into = resolve(io.cwd, folder);
    const there = texts.map(([name]) => join(into, name)).find((path) => existsSync(path));
    if (there !== undefined) throw refused(`"${there}" is there already`);
    for (const [name, text] of texts) {
      writeNew(into, name, text);
      io.stdout.write(`wrote ${join(folder, name)}\n`);
    }
    io.stdout.write(`Next: handrail validate ${join(folder, "plan.yaml")}\n`);
    return exitCodes.done;
  },
});

/** Nothing that is there already is ever overwritten. */
function writeNew(folder: string, name: string, text: string): void {
  const path = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, text, { flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw refused(`"${path}" ${writeTrouble(error)}`);
  }
}

function refused(message: string): UsageError {
  return new UsageError(message, "handrail init FOLDER, with another folder");
}
