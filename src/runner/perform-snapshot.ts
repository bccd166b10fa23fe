import { snapshotPaths } from "../core/verdict/snapshot-paths.ts";
import { granted } from "./action-ended.ts";
import { snapshotReserveBytes } from "./parts.ts";
import { generationKey, guardOf, hostsOf, stepOf, treesOf, type Work } from "./work.ts";

/** Complete and durable on every host of the step, or the step does not start. */
export async function performSnapshot(work: Work, step: number): Promise<void> {
  const spec = stepOf(work, step);
  for (const host of hostsOf(work, spec)) {
    const guard = await guardOf(work, host);
    const taken = granted(
      await guard.snapshot({
        key: generationKey(work, step, work.state.generation),
        paths: snapshotPaths(treesOf(work, spec, host)),
        reserveBytes: snapshotReserveBytes,
      }),
    );
    const { kind: _complete, ...facts } = taken;
    await work.note({ kind: "snapshot.taken", host: host.name, step, ...facts });
  }
}
