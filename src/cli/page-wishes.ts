import type { App } from "../app.ts";
import { changedIn } from "../core/changed-in.ts";
import type { Wish } from "../core/event.ts";
import { evolve } from "../core/evolve.ts";
import { HandrailError } from "../core/failure.ts";
import { needsApproval } from "../core/odd-ones.ts";
import { quoted } from "../core/plan/quoted.ts";
import { oneLine } from "../core/printable.ts";
import type { SeenRollout } from "../serve/seen-rollout.ts";
import {
  type Offer,
  type PageAnswer,
  type PageVerb,
  pageVerbs,
  type PageWish,
  type PageWishes,
} from "../serve/wishes.ts";
import { asCalled } from "../views/as-called.ts";
import { answerFor, meaningOf } from "./answered-wish.ts";
import { approveWish, emergencyWish } from "./approve-wish.ts";
import { leaveWish } from "./ask.ts";
import type { FoundRollout } from "./find-rollout.ts";
import type { Io } from "./io.ts";
import { whoAsks } from "./open-app.ts";
import { firstTrouble, UsageError } from "./refusal.ts";

export interface PageWishesOptions {
  readonly app: App;
  readonly io: Io;
  /** How to call handrail so that it finds this journal. */
  readonly program: string;
}

/**
 * What a page asks is left as the verbs leave it, with the same refusals. One thing a page can't do
 * that a verb can: carry the rollout on where nobody runs it. So there it leaves nothing but approvals,
 * which a verb only leaves, too: an abort that nobody acts on would be told as if it had worked.
 */
export function pageWishes({ app, io, program }: PageWishesOptions): PageWishes {
  // The login that started the server: the page knows no other, and its approvals count as that one's.
  const by = `${whoAsks(io)}, by page`;

  function offers(seen: SeenRollout): readonly Offer[] {
    const heard = seen.waiting.reduce(
      (state, asked) => evolve(state, { kind: "asked", ...asked }),
      seen.state,
    );
    const found: FoundRollout = { ...seen, state: heard };
    const regions = heard.itinerary.regions.filter(({ name }) => needsApproval(heard, name));
    const all = pageVerbs.flatMap((verb): readonly Asking[] =>
      verb === "approve"
        ? regions.map(({ name }) => ({ verb, region: name }))
        : [{ verb, region: null }],
    );
    return all.flatMap((it) => {
      const wish = wishOf(found, it);
      const { says, next } = answerFor(found, { wish, by });
      if (next !== null || needsRunner(found, it.verb)) return [];
      const needsReason = it.verb === "approve --emergency";
      return [{ ...it, says, typed: namesToType(found, it), needsReason }];
    });
  }

  async function ask(asked: PageWish): Promise<PageAnswer> {
    const args = { rollout: asked.rollout, reason: oneLine(asked.reason) };
    const wish = (found: FoundRollout): Wish => {
      const it = wishOf(found, asked);
      // What the verb would refuse, it refuses here in the same words, before anything else is said.
      meaningOf(found, { wish: it, by });
      if (needsRunner(found, asked.verb)) throw nobodyRuns(found, asked.verb);
      refuseUntyped(found, asked);
      if (asked.verb === "approve --emergency" && args.reason === "") throw noReason;
      return it;
    };
    try {
      const left = await leaveWish(app, { args, io, by, order: { said: "", wish } });
      const { id, holder } = left.found;
      const says = `${id}: ${said[asked.verb]}: ${left.says}.`;
      if (holder === null)
        return {
          is: "asked",
          says: `${says} Nobody runs it now.`,
          next: asCalled(left.leads, program),
        };
      return {
        is: "asked",
        says: `${says} It is run by ${holder.holder}, who acts on it.`,
        next: null,
      };
    } catch (error) {
      const cause = firstTrouble(error);
      if (cause instanceof UsageError) return refused(cause.message, cause.hint);
      if (!(cause instanceof HandrailError)) throw error;
      const { code, message, hint } = cause.failure;
      return refused(`${message} (${code})`, hint);
    }
  }

  function refused(says: string, hint: string): PageAnswer {
    return { is: "refused", says: `${oneLine(says)}.`, next: asCalled(oneLine(hint), program) };
  }

  return { offers, ask };
}

const said: Readonly<Record<PageVerb, string>> = {
  pause: "asked to pause",
  resume: "asked to go on",
  approve: "your approval is recorded",
  "approve --emergency": "your approval of the emergency is recorded",
  abort: "asked to end",
  "abort --rollback": "asked to end, and to take all of it back",
};

type Asking = Pick<PageWish, "verb" | "region">;

function wishOf(found: FoundRollout, { verb, region }: Asking): Wish {
  switch (verb) {
    case "approve":
      return approveWish(found, { region: region ?? "" });
    case "approve --emergency":
      return emergencyWish(found, {});
    case "abort":
      return { kind: "abort", rollback: false };
    case "abort --rollback":
      return { kind: "abort", rollback: true };
    case "pause":
    case "resume":
      return { kind: verb };
  }
}

/** A verb would carry it on in its own process. */
function needsRunner({ holder }: FoundRollout, verb: PageVerb): boolean {
  return holder === null && (verb === "resume" || verb.startsWith("abort"));
}

const noReason = new UsageError(
  "who approves an emergency says why, for the journal and the report; nothing was asked",
  "say it in the field above the button",
);

function nobodyRuns({ id }: FoundRollout, verb: PageVerb): UsageError {
  return new UsageError(
    `nobody runs ${id}, and a page starts no process that could act on it: nothing was asked`,
    `handrail ${verb} ${id}`,
  );
}

/** As a terminal asks before it begins production: for names, so that nobody does it by habit. */
function namesToType({ state }: FoundRollout, { verb, region }: Asking): readonly string[] {
  if (verb === "abort --rollback") return [...new Set(changedIn(state).map((it) => it.region))];
  return verb === "approve" && state.itinerary.inventory.production ? [region ?? ""] : [];
}

function refuseUntyped(found: FoundRollout, asked: PageWish): void {
  const names = namesToType(found, asked);
  const words = asked.typed.split(/[\s,]+/).filter((word) => word !== "");
  if (words.length === names.length && names.every((name) => words.includes(name))) return;
  throw new UsageError(
    `that is not ${names.map((name) => quoted(name)).join(", ")}; nothing was asked`,
    `type the name of every region that it is about: ${names.join(" ")}`,
  );
}
