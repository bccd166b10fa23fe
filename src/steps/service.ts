import { z } from "zod";
import type { StepKind } from "../ports/step-kind.ts";
import { serviceScript } from "./service-script.ts";
import { withoutVariables } from "./target-path.ts";

/** What systemd.unit(5) allows in a name, at most 255 characters; never an option, never a pattern. */
const unitPattern = /^[A-Za-z0-9:_.@\\][A-Za-z0-9:_.@\\-]{0,254}$/;

const args = z
  .strictObject({
    systemd: z
      .string()
      .refine((unit) => unitPattern.test(withoutVariables(unit)), {
        error: "must be the name of one systemd unit",
      })
      .describe('The unit: "app" or "app.service".'),
    do: z
      .enum(["restart", "reload", "start", "stop"])
      .describe(
        "restart, reload, start or stop. All but stop fail unless the unit is up afterwards.",
      ),
  })
  .describe("Restarts, reloads, starts or stops a service, and waits until it is up (or down).");

export type ServiceArgs = z.output<typeof args>;

/** `service: { systemd, do }`. */
export const service: StepKind<ServiceArgs> = {
  name: "service",
  args,
  substitutes: true,
  places: ["host"],
  refers: () => [],
  review: ({ systemd }) =>
    unitPattern.test(withoutVariables(systemd))
      ? []
      : [`"${systemd}" is no name of a systemd unit`],
  orders: ({ systemd, do: verb }) => ({
    do: "script",
    script: serviceScript,
    interpreter: ["sh", "-eu"],
    args: [verb, systemd],
    env: {},
    files: [],
    writes: [],
    needs: ["systemctl"],
    summary: `${verb} ${systemd}`,
  }),
};
