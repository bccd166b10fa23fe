import { commands } from "./commands.ts";
import { exitCodeOf, leave } from "./exit.ts";
import { type Io, processIo } from "./io.ts";
import { parse } from "./parse.ts";

/** Runs handrail as this process. */
export async function start(): Promise<void> {
  leave(await main(process.argv.slice(2), processIo()));
}

/** Runs one command line, and gives its exit code. */
export function main(argv: readonly string[], io: Io): Promise<number> {
  return exitCodeOf(async () => {
    const chosen = await parse(argv, commands, io);
    return chosen(io);
  }, io);
}
