import { snapshotPaths } from "../core/verdict/snapshot-paths.ts";
import type { Guard } from "../ports/guard.ts";
import { failed, granted, valueOf } from "./action-ended.ts";
import { askOutputMax, checkTimeoutMs, snapshotReserveBytes } from "./parts.ts";
import { generationKey, guardOf, hostsOf, stepOf, treesOf, type Work } from "./work.ts";

/** Complete and durable on every host of the step, or the step does not start. */
export async function performSnapshot(work: Work, step: number): Promise<void> {
  const spec = stepOf(work, step);
  for (const host of hostsOf(work, spec)) {
    const guard = await guardOf(work, host);
    const trees = treesOf(work, spec, host);
    // A folder that is there already is none of the step's making, and may be large.
    const missing = await missingOf(guard, trees.makes ?? []);
    const taken = granted(
      await guard.snapshot({
        key: generationKey(work, step, work.state.generation),
        paths: snapshotPaths({ ...trees, writes: [...trees.writes, ...missing] }),
        reserveBytes: snapshotReserveBytes,
      }),
    );
    const { kind: _complete, ...facts } = taken;
    await work.note({ kind: "snapshot.taken", host: host.name, step, ...facts });
  }
}

/** Prints the places, from 0, of those arguments that name nothing. */
const missingScript = `at=0
for path do
  if [ ! -e "$path" ] && [ ! -L "$path" ]; then echo "$at"; fi
  at=$((at + 1))
done`;

/** Those of these paths where nothing is on the host now. */
async function missingOf(guard: Guard, paths: readonly string[]): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const asked = valueOf(
    await guard.ask({
      script: missingScript,
      env: {},
      args: paths,
      timeoutMs: checkTimeoutMs,
      outputMax: askOutputMax,
    }),
  );
  if (asked.exitCode !== 0 || asked.timedOut || asked.dropped > 0)
    throw failed({
      code: "SNAPSHOT_UNREADABLE",
      message: `nobody could tell which folders the step would make: ${paths[0]} and others`,
      hint: "does a file system hang there? look at the host, then try again",
    });
  const places = new Set(new TextDecoder().decode(asked.stdout).split("\n"));
  return paths.filter((_, at) => places.has(String(at)));
}
