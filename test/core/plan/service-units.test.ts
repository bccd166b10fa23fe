import { expect, test } from "vitest";
import { namedUnits } from "../../../src/core/plan/named-units.ts";
import { serviceUnits } from "../../../src/core/plan/service-units.ts";
import { smallItinerary } from "../../support/small-itinerary.ts";

const service = (systemd: string) => ({ kind: "service", args: { systemd, do: "restart" } });

test("units are those of steps, undos and actions, each once and as the plan writes it", () => {
  const { plan } = smallItinerary({
    regions: {},
    steps: [{ work: service("${app}"), undo: service("queue") }, { work: service("${app}") }, {}],
    actions: { again: service("web.service"), other: { kind: "run", args: "true" } },
  });
  expect(serviceUnits(plan)).toEqual(["${app}", "queue", "web.service"]);
});

const probe = (args: unknown, on: "host" | "controller" = "host", kind = "systemd") =>
  ({ name: "p", surface: "ui", kind, args, on, intervalMs: 1_000 }) as const;

test("units that a probe looks at on hosts are named too, under whatever name first", () => {
  const { plan } = smallItinerary({
    regions: {},
    steps: [{ work: service("app") }],
    probes: [
      probe({ unit: "app.service", restartsMax: 0 }),
      probe({ unit: "web.socket" }),
      probe("queue"),
      probe({ unit: "here" }, "controller"),
      probe("no-unit", "host", "run"),
    ],
  });
  expect(namedUnits(plan)).toEqual(["app", "web.socket", "queue"]);
});
