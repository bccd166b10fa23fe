import { command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { findRollout } from "../find-rollout.ts";
import { toldNotices } from "../notice-rows.ts";
import { atJournal } from "../open-app.ts";
import { rolloutPositional, switchOption } from "../options.ts";
import { UsageError } from "../refusal.ts";
import { asCalled } from "../../views/as-called.ts";
import { oneLine } from "../../core/printable.ts";

/** `handrail notices ROLLOUT`: who was told of what, and with `--send` whoever was not. */
export const notices = command({
  usage: "notices <rollout>",
  describe: "Show who was told of which turn of a rollout, and tell who was not",
  options: (parser) =>
    rolloutPositional(parser).option(
      "send",
      switchOption("tell again what was not taken, with the same id"),
    ),
  run: (args, io) =>
    atJournal(args, io, async ({ app, folder, program }) => {
      const journals = await app.journals();
      const found = await findRollout(journals, args.rollout);
      if (args.send) {
        if (found.holder !== null)
          throw new UsageError(
            `${found.id} is being run by ${found.holder.holder}, who tells them`,
            `handrail notices ${found.id}`,
          );
        const { tellAgain } = await import("../../tell-again.ts");
        const { records } = found;
        const onTrouble = (sentence: string) =>
          io.stderr.write(`${oneLine(asCalled(sentence, program))}\n`);
        await tellAgain({ journals, records, state: folder, env: io.env, onTrouble });
      }
      const { rows } = await toldNotices(found, folder);
      const { noticesText } = await import("../../views/notices-text.ts");
      io.stdout.write(noticesText(rows));
      const left = rows.some(({ settled }) => settled?.is !== "told");
      return args.send && left ? exitCodes.paused : exitCodes.done;
    }),
});
