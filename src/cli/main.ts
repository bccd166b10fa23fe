import { exitCodes } from "./exit-codes.ts";
import { exitCodeOf, leave } from "./exit.ts";
import { type Io, processIo } from "./io.ts";
import { toolVersion } from "../version.ts";

/** Runs handrail as this process. */
export async function start(): Promise<void> {
  leave(await main(process.argv.slice(2), processIo()));
}

/** Runs one command line, and gives its exit code. */
export function main(argv: readonly string[], io: Io): Promise<number> {
  return exitCodeOf(async () => {
    // Asked by scripts, and often: answered before anything else is loaded.
    if (argv.length === 1 && argv[0] === "--version") {
      io.stdout.write(`${toolVersion()}\n`);
      return exitCodes.done;
    }
    // A shell asks at every tab; what it gives is half a line, which no parser would take.
    if (argv[0] === "--complete") {
      const { complete } = await import("./complete.ts");
      await complete(argv.slice(1), io);
      return exitCodes.done;
    }
    const [{ parse }, { commandsFor }] = await Promise.all([
      import("./parse.ts"),
      import("./commands.ts"),
    ]);
    const chosen = await parse(argv, await commandsFor(argv), io);
    return chosen(io);
  }, io);
}
