import { describe, expect, test } from "vitest";
import type { Remembered } from "../../src/core/rehearsal/remembered.ts";
import type { StepSpec } from "../../src/core/plan/plan.ts";
import { previewJson } from "../../src/views/preview-json.ts";
import type { PreviewHost } from "../../src/views/preview-hosts.ts";
import type { StepForecast } from "../../src/views/preview-steps.ts";
import { previewText } from "../../src/views/preview-text.ts";
import { knownBy, reversal } from "../../src/views/reversal.ts";
import { almaItinerary, bigFleet } from "./support/alma.ts";
import { hostile } from "./support/scenarios.ts";

const plan = almaItinerary().plan;

const forecast = (step: StepSpec, instance: { readonly name: string }): StepForecast => ({
  summary: `${step.work.kind} on ${instance.name}`,
  text: typeof step.work.args === "string" ? step.work.args : "",
  writes: step.writes,
  allow: step.allow,
  protect: plan.protect,
  names: ["name"],
});

const options = { forecast, hosts: null };

const quietHost: Omit<PreviewHost, "name" | "facts"> = {
  instances: [],
  failure: null,
  says: "as root",
  lock: null,
  spool: { path: "/var/lib/handrail", exists: true, fault: "", freeBytes: null, freeInodes: null },
  protected: { trees: 1, entries: 1, bytes: 1, unfinished: false, each: [] },
  needs: { bytes: 1, inodes: 1, ms: null },
  losses: [],
  preventionFault: "",
  logoutFault: "",
  troubles: [],
};

describe("what a step is known by, and how it is taken back", () => {
  const step = almaItinerary().plan.steps[0]!;

  test.each<[string, Partial<StepSpec>, string, boolean, string]>([
    ["a copy", { work: { kind: "copy", args: {} }, writes: [] }, "declared", true, "put back"],
    ["a patch", { work: { kind: "patch", args: {} }, writes: [] }, "declared", true, "put back"],
    ["a remove", { work: { kind: "remove", args: {} }, writes: [] }, "declared", true, "put back"],
    ["a run", { work: { kind: "run", args: "x" }, writes: [] }, "unknown", false, "not reversible"],
    [
      "a run with undo",
      { work: { kind: "run", args: "x" }, writes: [], undo: { kind: "run", args: "y" } },
      "unknown",
      true,
      'undo: run "y"',
    ],
    [
      "a run with writes",
      { work: { kind: "run", args: "x" }, writes: ["/srv/a", "/srv/b"] },
      "declared",
      true,
      "put back: /srv/a, /srv/b",
    ],
    ["a script", { work: { kind: "script", args: {} }, writes: [] }, "unknown", false, "not rev"],
    ["a request", { work: { kind: "http", args: {} }, writes: [] }, "unknown", false, "not rev"],
    [
      "a restart",
      { work: { kind: "service", args: { systemd: "app", do: "restart" } }, writes: [] },
      "unknown",
      true,
      "only restarts",
    ],
    [
      "a stop",
      { work: { kind: "service", args: { systemd: "app", do: "stop" } }, writes: [] },
      "unknown",
      false,
      "not reversible",
    ],
  ])("%s", (_name, change, known, is, how) => {
    const changed = { ...step, undo: null, ...change };
    expect(knownBy(changed, false)).toBe(known);
    expect(knownBy(changed, true)).toBe("rehearsed");
    expect(reversal(changed)).toMatchObject({ is, how: expect.stringContaining(how) });
  });
});

describe("a preview", () => {
  const itinerary = almaItinerary({ approve: ["cn"] });

  test("is, as data, what will happen in the order in which it will", () => {
    const preview = previewJson(itinerary, options);
    expect(preview.regions.map((region) => [region.name, region.approve])).toEqual([
      ["apac", false],
      ["eu", false],
      ["na", false],
      ["cn", true],
    ]);
    expect(preview.regions[1]?.batches).toEqual([
      { size: "1", instances: ["eu01"], unlike: false, maxBad: 0, maxBadAsked: "0", atOnce: 1 },
      {
        size: "3",
        instances: ["eu02", "eu03", "eu04"],
        unlike: false,
        maxBad: 0,
        maxBadAsked: "0",
        atOnce: 3,
      },
    ]);
    expect(preview.steps.map((step) => step.summary)).toEqual([
      "copy on ap01",
      "run on ap01",
      "patch on ap01",
      "service on ap01",
    ]);
    expect(preview.limits).toMatchObject({ maxBad: "0", atOnce: 3, largestBatch: 3 });
    expect(preview.notReversible).toEqual(["restart"]);
    expect(JSON.parse(JSON.stringify(preview))).toEqual(preview);
  });

  test("says of each step what rehearsals of this very plan found, where and when", () => {
    const nothing = {
      number: 2,
      because: null,
      inconclusive: null,
      breaks: [],
      breaksCount: 0,
      places: [],
      placesMore: 0,
      recorded: 0,
      remarks: [],
    };
    const of = { handrail: 1, kind: "rehearsal", digest: "d", network: false } as const;
    const place = {
      of: "protected",
      path: "/srv/tmp",
      policy: "keep",
      counts: { deleted: 3, content: 1 },
      deletedBytes: 40,
    } as const;
    const rehearsed: readonly Remembered[] = [
      {
        ...of,
        instance: "ap01",
        host: "ap01",
        at: "2026-11-28T12:00:00.000Z",
        steps: [
          {
            ...nothing,
            is: "rehearsed",
            places: [place],
            breaks: ["gone\u001b[2J"],
            breaksCount: 3,
          },
          { ...nothing, number: 4, is: "not-rehearsable", because: "it is a service" },
        ],
      },
      {
        ...of,
        instance: "cn01",
        host: "cn01-b",
        at: "2026-11-28T13:00:00.000Z",
        steps: [{ ...nothing, is: "rehearsed", inconclusive: "it ended with exit code 4" }],
      },
    ];
    const preview = previewJson(itinerary, { ...options, rehearsed });
    expect(preview.steps.map((step) => step.knownBy)).toEqual([
      "declared",
      "rehearsed",
      "declared",
      "unknown",
    ]);
    expect(preview.steps[1]?.rehearsals).toMatchObject([
      { instance: "ap01", at: "2026-11-28T12:00:00.000Z", places: [{ counts: { deleted: 3 } }] },
      { instance: "cn01", host: "cn01-b", inconclusive: "it ended with exit code 4" },
    ]);
    expect(preview.rehearsedBreaks).toEqual([
      {
        step: preview.steps[1]?.name,
        instance: "ap01",
        at: "2026-11-28T12:00:00.000Z",
        says: String.raw`gone\x1b[2J`,
      },
    ]);
    const text = previewText(itinerary, { ...options, rehearsed });
    expect(text).toContain(
      "    rehearsed on ap01, 2026-11-28 12:00:00Z: deletes 3 (40 B), changes 1 in /srv/tmp (keep)\n" +
        String.raw`      ! would break a policy: gone\x1b[2J` +
        "\n      and 2 more such findings\n",
    );
    expect(text).toContain(
      "rehearsed on cn01 (cn01-b), 2026-11-28 13:00:00Z: inconclusive: it ended with exit code 4; no effects",
    );
    expect(text).toContain(
      "not rehearsable on ap01, 2026-11-28 12:00:00Z, because it is a service",
    );
    const seen = rehearsed.slice(1);
    const [, step] = previewJson(itinerary, { ...options, rehearsed: seen }).steps;
    // It failed in the copy: that shows nothing of what it would do.
    expect(step?.knownBy).toBe("unknown");
  });

  test("prints the number beside each percentage", () => {
    const rollout = {
      ...plan.rollout,
      batches: [{ number: 1 }, { percent: 75 }],
      maxBad: { percent: 10 },
    };
    const percent = {
      ...itinerary,
      maxBad: { rollout: 1 },
      regions: itinerary.regions.map((region) => ({
        ...region,
        maxBad: region.name === "eu" ? 2 : 0,
        batches: region.batches.map((batch) => ({
          ...batch,
          maxBad: batch.instances.length > 2 ? 1 : 0,
        })),
      })),
      plan: { ...plan, rollout },
    };
    const preview = previewJson(percent, options);
    expect(preview.regions[1]?.batches.map((batch) => batch.size)).toEqual(["1", "75 % = 3"]);
    expect(preview.limits.maxBad).toBe("10 % = 1");
    const text = previewText(percent, options);
    expect(text).toContain("batch 2 (75 % = 3)");
    expect(text).toContain("at most 10 % = 1 in all");
    expect(text).toMatch(/2\. eu \(4 instances, \S+, at most 10 % = 2 bad\)/);
    expect(text).toContain("eu02, eu03, eu04; at most 10 % = 1 bad");
    expect(text).toContain("eu01; at most 10 % = 0 bad");
  });

  test("says in words what is protected, how each step is taken back, and what can't be", () => {
    const text = previewText(itinerary, options);
    const words = [
      "digest     9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "alma (production)",
      "waits for a person's approval",
      "regenerates: may go, must be back within 2 s, else restore and restart-app",
      "! not reversible: it has neither undo nor writes",
      'undo: run "warm"',
      "can harm     ui, api",
      "ui   upload (http from the controller, every 1 s)",
      'not reversible  "restart"',
    ];
    expect(words.filter((word) => !text.includes(word))).toEqual([]);
  });

  test("says from where each probe asks, and what it does without", () => {
    const [first, ...others] = plan.probes;
    const caveats = ["INSECURE: its certificate is not checked"];
    const probes = [{ ...first!, on: "host" as const, caveats }, ...others];
    const text = previewText({ ...itinerary, plan: { ...plan, probes } }, options);
    expect(text).toContain(
      "upload (http from the host, every 1 s, INSECURE: its certificate is not checked)",
    );
  });

  test("says which paths are read-only for a step, why others are not, and what the guard does", () => {
    const preview = previewJson(itinerary, options);
    expect(preview.steps.map((step) => step.prevention.readOnly)).toEqual([
      ["/srv/alma/etc"],
      ["/srv/alma/etc"],
      ["/srv/alma/etc"],
      [],
    ]);
    expect(preview.steps[1]?.prevention.open).toEqual([
      { path: "/srv/alma/tmp", because: "policy regenerates lets it change" },
    ]);
    expect(preview.guard).toEqual(plan.rollout.guard);
    const text = previewText(itinerary, options);
    expect(text).toContain("deletion in /srv/alma/etc fails instead of being mended");
    expect(text).not.toContain("policy regenerates lets it change");
    expect(text).toMatch(
      /\/srv\/alma\/tmp, \/srv\/alma\/etc \(it starts a service, which must be able to\s+write\)/,
    );
    expect(text).toMatch(/guard +a host that hears nothing for 1 min during a step ends it/);
  });

  test("names the instance whose values it shows, and the variables that differ elsewhere", () => {
    const preview = previewJson(itinerary, options);
    expect(preview.values).toEqual({ instance: "ap01", differ: ["name"] });
    expect(preview.steps[0]?.differs).toEqual(["name"]);
    expect(previewText(itinerary, options)).toContain(
      "shown as on ap01; elsewhere other ones for ${name}",
    );
  });

  test("names the host that is not like the others, and in what", () => {
    const hosts = ["ap01", "ap02", "ap03", "cn01"].map((name): PreviewHost => ({
      ...quietHost,
      name,
      facts: [
        { about: "the mount of ${home}/tmp", value: name === "cn01" ? "own tmpfs" : "shared ext4" },
      ],
    }));
    const says = "the mount of ${home}/tmp is own tmpfs on cn01, and shared ext4 on all the others";
    const text = previewText(itinerary, { ...options, hosts });
    expect(text).toContain(`Odd ones out\n  ? ${says}`);
    expect(previewJson(itinerary, { ...options, hosts }).oddOnesOut).toEqual([
      { name: "cn01", instance: "cn01", about: "the mount of ${home}/tmp", says },
    ]);
    expect(previewText(itinerary, { ...options, hosts: hosts.slice(0, 3) })).not.toContain("Odd");
  });

  test("prints the order in which a rollout would go, where the odd one goes last", () => {
    const last = almaItinerary({ onOutlier: "last" });
    const hosts = ["ap01", "ap02", "eu01", "eu02", "eu03", "cn01"].map((name): PreviewHost => ({
      ...quietHost,
      name,
      facts: [],
      // One host of several instances is several places, as in a rollout.
      places: [name, ...(name === "eu01" ? ["eu04"] : [])].map((instance) => ({
        instance,
        facts: [{ about: "the mount", value: instance === "eu04" ? "own tmpfs" : "shared ext4" }],
      })),
    }));
    const { regions, oddOnesOut } = previewJson(last, { forecast, hosts });
    expect(oddOnesOut.map(({ name, instance }) => [name, instance])).toEqual([["eu01", "eu04"]]);
    expect(regions[1]?.batches.map((it) => [it.instances, it.size, it.unlike])).toEqual([
      [["eu01"], "1", false],
      [["eu02", "eu03"], "2", false],
      [["eu04"], "1", true],
    ]);
    const text = previewText(last, { forecast, hosts });
    expect(text).toMatch(/batch 3 \(1, unlike the others\) +eu04\n/);
    expect(text).not.toContain("--hosts says who");
    const unseen = previewText(last, options);
    expect(unseen).toMatch(/batch 2 \(3\) +eu02, eu03, eu04\n/);
    expect(unseen).toContain("goes last in its region, in a batch of its own: --hosts says who");
    expect(previewText(itinerary, options)).not.toContain("goes last");
  });

  test("says what was seen on the hosts: room, losses, and what a rollout would be refused for", () => {
    const seen: PreviewHost = {
      name: "ap01",
      instances: ["ap01"],
      failure: null,
      says: "as root",
      lock: null,
      spool: {
        path: "/var/lib/handrail",
        exists: false,
        fault: "",
        freeBytes: 12e9,
        freeInodes: 9,
      },
      protected: { trees: 2, entries: 1204, bytes: 3_400_000, unfinished: true, each: [] },
      needs: { bytes: 5_600_000, inodes: 24, ms: null },
      facts: [],
      losses: ["access control lists", "2 sockets in /srv/alma/tmp"],
      preventionFault: "this kernel has no mount namespaces",
      logoutFault: "systemd-logind ends it",
      troubles: [{ code: "HOST_LOCKED", message: 'ap01 is held by rollout "x"', hint: "wait" }],
    };
    const failure = { code: "CONNECT_REFUSED", message: "nobody listens", hint: "h" } as const;
    const gone: PreviewHost = { ...seen, name: "ap02", instances: ["ap02", "ap03"], failure };
    const text = previewText(itinerary, { forecast, hosts: [seen, gone] });
    const words = [
      "at least 1,204 entries with 3.4 MB in 2 trees; about 5.6 MB of 12 GB free in",
      "access control lists, 2 sockets in /srv/alma/tmp",
      "every protected path: this kernel has no mount namespaces",
      "may not outlive a connection: systemd-logind ends it",
      '! ap01 is held by rollout "x"',
      "ap02 (ap02, ap03)",
      "! nobody listens",
    ];
    expect(words.filter((word) => !text.includes(word))).toEqual([]);
    expect(previewText(itinerary, options)).toContain("Hosts were not looked at: --hosts says");
    expect(previewJson(itinerary, { forecast, hosts: [seen] }).hosts).toEqual([seen]);
  });

  test("stays readable with 300 instances at 60 columns", () => {
    const lines = previewText(bigFleet(6, 50), { ...options, columns: 60 }).split("\n");
    const digest = lines.filter((line) => line.length >= 60);
    expect(digest.every((line) => line.includes("9f86d081"))).toBe(true);
    expect(lines.length).toBeLessThan(140);
  });

  test("prints nothing raw of what a plan says", () => {
    const text = previewText(
      { ...itinerary, plan: { ...plan, summary: hostile } },
      { ...options, forecast: (...of) => ({ ...forecast(...of), summary: hostile }) },
    );
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{C}/u);
  });
});
