import { command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { findRollout, type FoundRollout } from "../find-rollout.ts";
import { listenForInterrupts } from "../interrupts.ts";
import type { Io } from "../io.ts";
import { atJournal } from "../open-app.ts";
import { rolloutPositional, switchOption, textOption } from "../options.ts";
import { watchParent } from "../parent-watch.ts";
import { pageFor } from "../onlookers.ts";
import { UsageError } from "../refusal.ts";
import { toolVersion } from "../../version.ts";
import { durationMs, longestMs } from "../../core/plan/durations.ts";
import { quoted } from "../../core/plan/quoted.ts";
import type { WatchEnd } from "../../runner/watch-instances.ts";
import type { PublicEvent } from "../../views/public-events.ts";

const forDefault = "24h";

/** `handrail watch ROLLOUT --for 24h`: late harm on what is sealed, by looks that change nothing. */
export const watch = command({
  usage: "watch <rollout>",
  describe: "Look at what is sealed for a while: users served, protected paths whole",
  options: (parser) =>
    rolloutPositional(parser)
      .option("for", textOption("for", `how long (30m, 24h) [default: ${forDefault}]`))
      .option("json", switchOption("print a line of JSON per event")),
  run: (args, io) =>
    atJournal(args, io, async ({ app, program }) => {
      const found = await findRollout(await app.journals(), args.rollout);
      const forMs = forMsOf(args.for ?? forDefault);
      const { watchedNames } = await import("../../watch-rollout.ts");
      if (watchedNames(found.state).length === 0)
        throw new UsageError(
          `nothing of ${found.id} is sealed, so there is nothing to watch`,
          `see where it stands: ${program} status ${found.id}`,
        );
      using interrupts = listenForInterrupts({ process, watchParent });
      const write = args.json ? jsonLine(io) : await wordsLine(args, io);
      if (args.json) write({ type: "version", schema: 1, handrail: toolVersion() });
      const about = () => ({ at: new Date().toISOString(), rollout: found.id });
      const end = await app.watch({
        state: found.state,
        records: found.records,
        forMs,
        signal: AbortSignal.any([interrupts.first, io.unread]),
        tell({ instance, losses, ...seen }) {
          const region = found.state.instances.get(instance)?.region ?? "";
          const lost =
            losses === undefined ? {} : { count: losses.count, examples: [...losses.examples] };
          write({ type: "watch.found", ...about(), region, instance, ...seen, ...lost });
        },
        looked: (it) => write({ type: "watch.looked", ...about(), ...it, unseen: [...it.unseen] }),
      });
      const exit = exitOf(end);
      const { looks, harmed, unseen } = end;
      write({
        type: "watch.finished",
        ...about(),
        looks,
        harmed: [...harmed],
        unseen: [...unseen],
        exit,
      });
      if (harmed.length > 0 && !args.json) io.stdout.write(next(found, program));
      return exit;
    }),
});

function forMsOf(text: string): number {
  const ms = durationMs(text);
  if (ms !== null && ms > 0 && ms <= longestMs) return ms;
  throw new UsageError(
    `--for takes a duration with a unit, and ${quoted(text)} is none`,
    "write how long to watch, such as --for 30m or --for 24h",
  );
}

/** Harm outweighs what could not be told, and neither is a green end. */
function exitOf({ harmed, unseen }: WatchEnd): number {
  if (harmed.length > 0) return exitCodes.needsPerson;
  return unseen.length > 0 ? exitCodes.paused : exitCodes.done;
}

function next({ id }: FoundRollout, program: string): string {
  return `  to take the rollout back: ${program} undo ${id}\n`;
}

function jsonLine(io: Io): (event: PublicEvent) => void {
  return (event) => io.stdout.write(`${JSON.stringify(event)}\n`);
}

async function wordsLine(
  args: { readonly color?: boolean | undefined },
  io: Io,
): Promise<(event: PublicEvent) => void> {
  const { eventLine } = await import("../../views/watch-lines.ts");
  const page = await pageFor(args, io);
  return (event) => io.stdout.write(eventLine(event, page));
}
