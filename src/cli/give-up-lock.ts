import { HandrailError } from "../core/failure.ts";
import { isPlain } from "../core/host-locked.ts";
import type { Host } from "../core/plan/inventory.ts";
import { holdWords } from "../core/lock-words.ts";
import { quoted } from "../core/plan/quoted.ts";
import { nearestOrAll } from "../core/plan/suggest.ts";
import type { Guard, HostLook } from "../ports/guard.ts";
import { shellWord } from "./called-as.ts";
import { exitCodes } from "./exit-codes.ts";
import { eachHost, type GivenHosts } from "./given-hosts.ts";
import type { Io } from "./io.ts";
import { releaseWords } from "./lock-lines.ts";
import { openApp, whoAsks } from "./open-app.ts";
import { UsageError } from "./refusal.ts";
import { journalKnows } from "./rollouts-known.ts";

export interface GiveUpOrder {
  readonly given: GivenHosts;
  /** Name of the host. */
  readonly host: string;
  readonly rollout: string | undefined;
  readonly why: string | undefined;
}

/**
 * Gives up the lock of one host whose rollout no journal here knows. Shows what stands there and
 * what would be done; does it only with the very id of the rollout, and with a reason.
 */
export async function giveUpLock(order: GiveUpOrder, io: Io): Promise<number> {
  const { given, why } = order;
  const host = hostNamed(order.host, given);
  const rollout = order.rollout ?? "locks";
  if (!isPlain(rollout)) {
    throw new UsageError(
      `${quoted(rollout)} is no id of a rollout`,
      `see who holds what: handrail locks ${given.words}`,
    );
  }
  await using app = await openApp(given.state, io);
  const opened = await app.door.open(host, { rollout });
  if (opened.kind !== "result") throw new HandrailError(opened.failure);
  await using guard = opened.value;
  const lock = await lockOf(guard, host);
  const words = (id: string): string =>
    `handrail ${releaseWords(`${given.words} --host ${shellWord(host.name)}`, id)}`;
  if (lock.rollout !== order.rollout) {
    const other =
      order.rollout === undefined
        ? ""
        : `${host.name} is not held by ${quoted(order.rollout)}, and nothing was done: `;
    throw new UsageError(
      `${other}${host.name} is held by rollout ${quoted(lock.rollout)} ${holdWords(lock)}`,
      isPlain(lock.rollout)
        ? `name it exactly: ${words(lock.rollout)}`
        : "look at its spool by hand",
    );
  }
  if (await journalKnows(given.state, rollout, io)) {
    throw new UsageError(
      `${rollout} is in the journal here, so its locks are given back by its instances`,
      `see which, and how: handrail locks`,
    );
  }
  const until = guard.facts.time + Math.round(given.retentionMs / 1000);
  const kept =
    given.retentionMs === 0
      ? "its snapshots and receipts go"
      : `its snapshots and receipts stay there until ${new Date(until * 1000).toISOString()}`;
  const effect = `the lock of ${host.name}, held by ${rollout} ${holdWords(lock)}`;
  if (why === undefined) {
    throw new UsageError(
      `nothing was done: this would give up ${effect}; ${kept}; no file of the application is touched`,
      `say why: ${words(rollout)}`,
    );
  }
  const keepUntil = given.retentionMs === 0 ? null : until;
  const released = await guard.release({ keepUntil, byHand: `${whoAsks(io)}: ${why}` });
  if (released.kind !== "result") throw new HandrailError(released.failure);
  io.stdout.write(`Gave up ${effect}; ${kept}.\n`);
  return exitCodes.done;
}

function hostNamed(name: string, { regions, words }: GivenHosts): Host {
  const hosts = eachHost(regions);
  const found = hosts.find((host) => host.name === name);
  if (found !== undefined) return found;
  const near = nearestOrAll(
    name,
    hosts.map((host) => host.name),
  );
  throw new UsageError(
    `no host is named ${quoted(name)}${near === null ? "" : `; ${near}`}`,
    `see who holds what: handrail locks ${words}`,
  );
}

async function lockOf(guard: Guard, host: Host): Promise<NonNullable<HostLook["lock"]>> {
  const look = await guard.look({ paths: [] });
  if (look.kind !== "result") throw new HandrailError(look.failure);
  const { lock, spool } = look.value;
  if (lock !== null) return lock;
  const because = spool.fault === "" ? "" : `, as far as can be told: ${spool.fault}`;
  throw new UsageError(
    `nobody holds ${host.name}${because}`,
    "there is nothing to give up; go on with what was refused",
  );
}
