import { notifierKinds } from "../../src/notifiers/registry.ts";
import { probeKinds } from "../../src/probes/registry.ts";
import type { LoadOptions } from "../../src/sources/load-plan.ts";
import { stepKinds } from "../../src/steps/registry.ts";

/** The kinds and transports that Handrail really has. */
export const options = {
  kinds: { steps: stepKinds, probes: probeKinds, notifiers: notifierKinds },
  transports: ["openssh", "ssh2", "local"],
} satisfies LoadOptions;
