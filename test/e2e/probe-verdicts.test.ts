import type { RequestListener } from "node:http";
import { describe, expect, test } from "vitest";
import { webServer } from "../probes/loopback-servers.ts";
import {
  endOfRollout,
  type PageMode,
  pageModes,
  type RolloutEnd,
} from "../support/eight-verdicts.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { startNginx } from "../support/nginx.ts";
import { describeWith } from "../support/parts.ts";
import { planText, smallFleet, withoutFolderTimes } from "../support/small-fleet.ts";

// A step breaks a page of a real nginx in one way or another, and its status alone would say nothing of
// most of them. The states are those of PRODUCT.md §5.3, by the table that the simulation goes by, too.

const page = "<h1>Your files</h1>\n";

/** The application behind nginx: it is slow, dies in the middle, or never answers. */
function application(): RequestListener {
  let asked = 0;
  return (request, response) => {
    switch (request.url) {
      case "/behind/slow":
        setTimeout(() => response.end(page), 4_000);
        return;
      case "/behind/half":
        response.writeHead(200, { "content-length": "4000" });
        response.write(page, () => response.destroy());
        return;
      case "/behind/flap":
        asked += 1;
        response.writeHead(asked % 3 === 0 ? 503 : 200).end(page);
        return;
      case undefined:
      default:
      // It hangs.
    }
  };
}

interface Row {
  readonly mode: PageMode;
  /** Where it ends, if not as the table says that is shared with the simulation. */
  readonly end?: RolloutEnd;
  /** One of them runs in every suite: the page of the incident, wrong with a status of 200. */
  readonly soon?: true;
  /** What the rollout says of it. */
  readonly says: RegExp;
  /** Keys of the probe beside name, surface and http. */
  readonly probe?: string;
  /** Keys of the step: here the bake finds it, not the look after the step. */
  readonly step?: string;
}

const rows: Readonly<Record<string, Row>> = {
  pass: { mode: "pass", says: /"outcome":"sealed"/ },
  "pass, asked from the host": { mode: "pass", says: /"outcome":"sealed"/, probe: "on: host, " },
  fail: { mode: "fail", says: /PROBE_FAILED.*status 500, expected any 2xx/ },
  wrong: {
    mode: "wrong",
    soon: true,
    says: /PROBE_FAILED.*status 200, but .*Your files.* is not in the answer/,
  },
  "wrong, asked from the host": {
    mode: "wrong",
    says: /PROBE_FAILED.*status 200, but .*Your files.* is not in the answer/,
    probe: "on: host, ",
  },
  error: { mode: "error", says: /could not tell in .* packed as/ },
  slow: { mode: "slow", says: /PROBE_FAILED.*but in \d+ ms, expected within 2500 ms/ },
  hang: { mode: "hang", says: /PROBE_FAILED.*connected, but no answer within 5000 ms/ },
  half: { mode: "half", says: /PROBE_FAILED.*the answer broke off after 20 bytes/ },
  flap: {
    mode: "flap",
    says: /PROBE_FAILED.*did not stay healthy.*status 503/,
    step: "probes: false, ",
  },
  "flap, where one failure is borne": {
    mode: "flap",
    end: "sealed",
    says: /"outcome":"sealed"/,
    probe: "failAfter: 2, ",
    step: "probes: false, ",
  },
};

describeWith(["nginx", "curl"], "a page of a real nginx", () => {
  test("is broken in every way that the simulation knows", () => {
    const modes = new Set(Object.values(rows).map(({ mode }) => mode));
    expect([...modes].sort()).toEqual([...pageModes].sort());
  });

  describe.each(Object.entries(rows))("%s", (_name, row) => {
    const later = row.soon !== true && !isLong;
    test.skipIf(later)(
      `leads to the state that the contract names${later ? longOnly : ""}`,
      { timeout: 60_000 },
      async () => {
        const { mode, says, probe = "", step = "", end = endOfRollout[mode] } = row;
        const exit = { sealed: 0, halted: 4, paused: 6 }[end];
        await using fleet = await smallFleet();
        await using behind = await webServer(application());
        await using nginx = await startNginx({
          regenerates: false,
          configuration: "verdicts.conf",
          values: { switch: `${fleet.home("a1")}/etc`, behind: String(behind.port) },
        });
        const before = await Promise.all(fleet.names.map((one) => fleet.listing(fleet.home(one))));
        const url = `http://127.0.0.1:${nginx.port}/page`;
        const plan = await fleet.writePlan(
          planText(
            [
              "probes:",
              `  - { name: page, surface: ui, interval: 100ms, ${probe}http: { url: "${url}", contains: Your files, within: 2500ms, timeout: 5s } }`,
              "steps:",
              `  - { name: break it, touches: [ui], ${step}run: 'touch "\${home}/etc/${mode}"', writes: ["\${home}/etc/${mode}"] }`,
            ].join("\n"),
            "bake: { settle: 0s, stable: 900ms, retry: 1500ms }",
          ),
        );
        const ran = await fleet.run(["apply", plan, "--json"]);
        expect({ exit: ran.exit, stderr: ran.stderr.slice(-2_000) }).toMatchObject({ exit });
        const told = ran.events
          .filter(({ type }) => ["instance.bad", "paused", "summary"].includes(type))
          .map((event) => JSON.stringify(event).replaceAll('\\"', '"'))
          .join("\n");
        expect(told).toMatch(says);
        expect(ran.events.at(-1)).toMatchObject({ type: "summary", outcome: end, exit });
        // Of two instances the first is the canary: only where it is sealed is the second one touched.
        const after = await Promise.all(fleet.names.map((one) => fleet.listing(fleet.home(one))));
        const same = after.map(
          (text, at) => withoutFolderTimes(text) === withoutFolderTimes(before[at] ?? ""),
        );
        expect(same).toEqual(end === "sealed" ? [false, false] : [end === "halted", true]);
      },
    );
  });
});
