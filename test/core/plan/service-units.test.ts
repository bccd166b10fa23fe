import { expect, test } from "vitest";
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
