import { ask } from "../ask.ts";
import { shellWord } from "../called-as.ts";
import { command } from "../command.ts";
import { nearest } from "../../core/plan/suggest.ts";
import { goesOnWithout } from "../../core/required.ts";
import type { RolloutState } from "../../core/state.ts";
import { afterWish } from "../../core/wish.ts";
import type { FoundRollout } from "../find-rollout.ts";
import { rolloutPositional, textOption, wordPositional } from "../options.ts";
import { UsageError } from "../refusal.ts";

const choices = ["accept", "retry", "rollback", "leave", "exclude"] as const;

type Choice = (typeof choices)[number];

/** `handrail decide ROLLOUT CHOICE INSTANCE --reason WHY`: what becomes of an undecided instance. */
export const decide = command({
  usage: "decide <rollout> <choice> <instance>",
  describe: "Decide what becomes of an instance that is inconclusive, failed or bad",
  options: (parser) =>
    rolloutPositional(parser)
      .positional("choice", {
        choices,
        demandOption: true,
        describe:
          "accept: it counts as good; retry: look again; rollback: take it back; leave: as it is; exclude: go on without it",
      })
      .positional("instance", wordPositional("instance", "name of the instance"))
      .option("reason", { ...textOption("reason", "why, for the journal"), demandOption: true }),
  run: ({ choice, instance, ...args }, io) =>
    ask(
      args,
      {
        said: `decided for ${instance}: ${choice}`,
        wish: (found) => {
          checkDecision(found, instance, choice);
          return { kind: "decide", instance, choice };
        },
      },
      io,
    ),
});

/** A decision that would change nothing is refused, with those that would; of what is over, later. */
function checkDecision({ id, state }: FoundRollout, name: string, choice: Choice): void {
  const hint = `see where it stands: handrail status ${id}`;
  if (state.closed !== null) return;
  if (!state.instances.has(name)) {
    const near = nearest(name, state.instances.keys());
    const tail = near === null ? "" : `; ${near}`;
    throw new UsageError(`${id} has no instance "${name}"${tail}`, hint);
  }
  // The verb table says why, and what can be done.
  if (goesOnWithout(state, name, choice)) return;
  const open = choices.filter((each) => meansSomething(state, name, each));
  if (open.includes(choice)) return;
  const [first] = open;
  if (first === undefined) throw new UsageError(`there is nothing to decide for ${name}`, hint);
  const others = open.length === 1 ? "there is only" : "there are";
  throw new UsageError(
    `${choice} means nothing for ${name} as it stands; ${others} ${open.join(", ")}`,
    `handrail decide ${id} ${first} ${shellWord(name)} --reason "…"`,
  );
}

function meansSomething(state: RolloutState, name: string, choice: Choice): boolean {
  return afterWish(state, { kind: "decide", instance: name, choice }, "") !== state;
}
