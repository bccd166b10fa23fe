import { expect, test } from "vitest";
import { incidentBlocks } from "../../src/views/incident-blocks.ts";

const gone = "3 paths below /srv/tmp did not come back within 2s";

test.each<[string, string, string | null]>([
  ["output of a host is shown whole", "line one\nline two", "│ line one\n│ line two"],
  ["a title that the message has said already goes", `${gone}\n  deleted a`, "│   deleted a"],
  ["what is all that there is stays", gone, `│ ${gone}`],
  ["nothing but space is nothing", " \n ", null],
])("%s", (_what, detail, shown) => {
  const blocks = incidentBlocks({
    instance: "cn01",
    region: "cn",
    timezone: null,
    as: "failed",
    failure: { code: "REGENERATION_LATE", message: `on cn01: ${gone}`, hint: "why?", detail },
    step: null,
    harmAt: null,
    detectedAt: null,
    recoveredAt: null,
    asBefore: false,
    timeToDetectMs: null,
    timeToRecoverMs: null,
    done: [],
    surfaces: [],
  });
  const verbatim = blocks.flatMap((block) => (block.kind === "verbatim" ? [block.text] : []));
  expect(verbatim).toEqual(shown === null ? [] : [shown]);
});
