import type { Kinds } from "../core/plan/kinds.ts";

/** Every word that a plan or an inventory may use for a kind of thing. Loaded late: zod is heavy. */
export async function registries(): Promise<{ kinds: Kinds; transports: readonly string[] }> {
  const [{ stepKinds }, { probeKinds }, { notifierKinds }, { transports }] = await Promise.all([
    import("../steps/registry.ts"),
    import("../probes/registry.ts"),
    import("../notifiers/registry.ts"),
    import("../transports/registry.ts"),
  ]);
  return {
    kinds: { steps: stepKinds, probes: probeKinds, notifiers: notifierKinds },
    transports: transports().map(({ name }) => name),
  };
}
