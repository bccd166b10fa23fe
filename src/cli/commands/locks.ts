import { existsSync } from "node:fs";
import type { Journals } from "../../ports/journal.ts";
import { askAndCarryOn } from "../ask.ts";
import { command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { type FoundRollout, readRollout } from "../find-rollout.ts";
import { eachHost, givenHosts, type GivenHosts } from "../given-hosts.ts";
import { giveUpLock } from "../give-up-lock.ts";
import { lookAtHosts } from "../host-looks.ts";
import type { Io } from "../io.ts";
import {
  heldLines,
  holderLines,
  hostLines,
  type LockWords,
  unfinishedLines,
} from "../lock-lines.ts";
import { atJournal, openApp, toldWith } from "../open-app.ts";
import { inventoryOption, textOption } from "../options.ts";
import { UsageError } from "../refusal.ts";
import { releaseWish } from "../release-wish.ts";
import { programWords } from "../state-folder.ts";

/** Rollouts that are looked through, newest first. */
const rolloutsMax = 100;

interface LocksArgs {
  readonly state?: string | undefined;
  readonly color?: boolean | undefined;
  readonly what?: string | undefined;
  readonly name?: string | undefined;
  readonly inventory?: string | undefined;
  readonly host?: string | undefined;
  readonly rollout?: string | undefined;
  readonly why?: string | undefined;
}

/** `handrail locks [PLAN]`: who holds what; `handrail locks release …`: give one lock up by hand. */
export const locks = command({
  usage: "locks [what] [name]",
  describe: "Show who holds what, also on the hosts themselves, and give a lock up by hand",
  options: (parser) =>
    inventoryOption(parser)
      .positional("what", {
        type: "string",
        describe: "a plan, whose hosts are looked at; or the word release",
      })
      .positional("name", {
        type: "string",
        describe: "after release: the instance; with --host the plan, unless --inventory is given",
      })
      .option("host", textOption("host", "release: the host whose rollout no journal knows"))
      .option("rollout", textOption("rollout", "release: the whole id of the rollout"))
      .option("why", textOption("why", "release: why, for the journal or for the host")),
  run: (args, io) => (args.what === "release" ? release(args, io) : show(args, io)),
});

async function show(args: LocksArgs, io: Io): Promise<number> {
  if (args.name !== undefined)
    throw new UsageError(`one word too many: ${args.name}`, "handrail locks --help");
  for (const option of ["host", "rollout", "why"] as const) {
    if (args[option] === undefined) continue;
    throw new UsageError(`--${option} belongs to locks release`, "handrail locks --help");
  }
  const given = await givenHosts({ ...args, plan: args.what }, io);
  if (given === null) {
    return atJournal(args, io, async ({ app, program }) => {
      const known = await knownRollouts(await app.journals());
      const lines = await journalLines(await app.journals(), known, { program });
      io.stdout.write(lines.length === 0 ? "Nothing is locked.\n" : `${lines.join("\n")}\n`);
      return exitCodes.done;
    });
  }
  return showHosts(given, io);
}

/** The journal's word, where there is a journal, and then that of the hosts. */
async function showHosts(given: GivenHosts, io: Io): Promise<number> {
  await using app = await openApp(given.state, io);
  const words = { program: programWords(given.state, io), hosts: given.words };
  let known: ReadonlyMap<string, FoundRollout> = new Map();
  const lines: string[] = [];
  if (existsSync(given.state)) {
    const journals = await app.journals();
    known = await knownRollouts(journals);
    lines.push(...(await journalLines(journals, known, words)));
  }
  const timezones = new Map(
    given.regions.flatMap(({ timezone, instances }) =>
      instances.flatMap((it) => it.hosts.map((host) => [host.name, timezone] as const)),
    ),
  );
  const hosts = eachHost(given.regions).map((host) => ({ host, paths: [] }));
  const looked = await lookAtHosts(hosts, {
    door: app.door,
    rollout: "locks",
    concurrency: given.concurrency,
    tell: (it) => it,
  });
  for (const it of looked) {
    const timezone = timezones.get(it.host.name) ?? null;
    lines.push(...hostLines(it, { words, known, timezone }));
  }
  io.stdout.write(`${lines.join("\n")}\n`);
  return looked.some((it) => it.is === "unseen") ? exitCodes.refused : exitCodes.done;
}

/** What this journal says: inventories with who holds them, then instances that keep their locks. */
async function journalLines(
  journals: Journals,
  known: ReadonlyMap<string, FoundRollout>,
  words: Pick<LockWords, "program">,
): Promise<readonly string[]> {
  const found = [...known.values()];
  return [
    ...(await journals.holders()).flatMap((holder) => holderLines(holder, words)),
    ...found.flatMap((it) => unfinishedLines(it, words)),
    ...found.flatMap((it) => heldLines(it, words)),
  ];
}

async function knownRollouts(journals: Journals): Promise<ReadonlyMap<string, FoundRollout>> {
  const known = new Map<string, FoundRollout>();
  for (const { rollout } of (await journals.list()).slice(0, rolloutsMax))
    known.set(rollout, await readRollout(journals, rollout));
  return known;
}

async function release(args: LocksArgs, io: Io): Promise<number> {
  const { host, name, rollout, why, inventory } = args;
  if (host !== undefined) {
    const given = await givenHosts({ ...args, plan: name }, io);
    if (given !== null)
      return toldWith(programWords(given.state, io), () =>
        giveUpLock({ given, host, rollout, why }, io),
      );
    throw new UsageError(
      "it takes a plan or --inventory FILE to know how the host is reached",
      `handrail locks release PLAN --host ${host} --rollout ID --why TEXT`,
    );
  }
  if (name === undefined || inventory !== undefined) {
    throw new UsageError(
      "whose lock is to be given up?",
      "handrail locks release INSTANCE --rollout ID --why TEXT; or --host HOST, with a plan",
    );
  }
  if (rollout === undefined) {
    throw new UsageError(
      `which rollout keeps the lock of ${name}? its whole id is needed`,
      "`handrail locks` shows it: then --rollout ID",
    );
  }
  const order = { instance: name, rollout, why };
  return askAndCarryOn(
    { ...args, rollout, reason: why, json: false },
    {
      said: `the lock of ${name} is given up`,
      wish: (found) => releaseWish(found, order),
      onlyThis: true,
    },
    io,
  );
}
