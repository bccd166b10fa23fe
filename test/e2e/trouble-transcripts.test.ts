import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openGuardDoor } from "../../src/host/guard-door.ts";
import { transports } from "../../src/transports/registry.ts";
import { clock } from "../host/support/shell-hosts.ts";
import { evenRollout } from "../support/even-rollout.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { meant } from "../support/meant.ts";
import { planText, smallFleet, type SmallFleet } from "../support/small-fleet.ts";
import { localHost } from "../support/local-host.ts";

// What a person reads when a rollout is refused by its hosts, or halts: by kind of trouble what the program
// says and what its report says of it, from real rollouts on real files. Kept as text:
// `HANDRAIL_TESTS=long TRANSCRIPTS=update npx vitest run test/e2e/trouble-transcripts.test.ts`.

interface Trouble {
  /** Of the plan. */
  readonly body: string;
  readonly rollout?: string;
  /** Default: a1. */
  readonly names?: readonly string[];
  /** Typed before the last line, and done between two of them. */
  readonly before?: readonly (string | ((fleet: SmallFleet) => Promise<void>))[];
  /** The last line, by default: apply, and then the report of what went wrong. */
  readonly line?: string;
  readonly exit: number;
}

const kept = new URL("../cli/transcripts/troubles/", import.meta.url);
const writes = process.env["TRANSCRIPTS"] === "update";

const protectTmp = 'protect: [{ path: "${home}/tmp", policy: keep }]';
const conf = 'writes: ["${home}/etc/conf"]';
const change = `steps: [{ name: fix, run: 'echo new > "\${home}/etc/conf"', ${conf} }]`;
const probed = (run: string): string => `probes: [{ name: page, surface: ui, run: '${run}' }]`;
const keep = "retention: 1h";

const troubles: Readonly<Record<string, Trouble>> = {
  STEP_EXIT: {
    body: `steps: [{ name: fix, run: 'echo why it failed >&2; exit 3', ${conf} }]`,
    exit: 4,
  },
  STEP_TIMEOUT: { body: `steps: [{ name: fix, run: "sleep 60", timeout: 1s, ${conf} }]`, exit: 4 },
  CONTRACT_BROKEN: {
    body: `${protectTmp}\nsteps: [{ name: fix, run: 'rm "\${home}/tmp/a"', ${meant("deletes")} }]`,
    exit: 4,
  },
  BUDGET_EXCEEDED: {
    body: `${protectTmp}\nsteps: [{ name: fix, run: 'rm "\${home}/tmp/a" "\${home}/tmp/b"', allow: [{ delete: "\${home}/tmp/*", max: 1 }], ${meant("deletes")} }]`,
    exit: 4,
  },
  REGENERATION_LATE: {
    body: `protect: [{ path: "\${home}/tmp", policy: { regenerates: { within: 1s, recover: [restore] } } }]\nsteps: [{ name: fix, run: 'rm "\${home}/tmp/a"' }]`,
    exit: 4,
  },
  OUTSIDE_ENVELOPE: {
    names: ["a1", "a2", "a3"],
    body: `protect: [{ path: "\${home}/tmp", policy: may-change }]\nsteps: [{ name: fix, run: 'test "$name" != a3 || rm -r "\${home}/tmp/work" "\${home}/tmp/a"' }]`,
    exit: 6,
  },
  PROBE_FAILED: {
    body: `${probed('test -e "${home}/etc/conf"')}\nsteps: [{ name: fix, touches: [ui], run: 'rm "\${home}/etc/conf"', ${conf} }]`,
    exit: 4,
  },
  PROBE_INCONCLUSIVE: {
    body: `${probed('test ! -e "${home}/blind" || exit 127')}\nsteps: [{ name: fix, run: 'touch "\${home}/blind"', writes: ["\${home}/blind"] }]`,
    exit: 6,
  },
  ROLLBACK_UNVERIFIED: {
    body: `${probed('test -e "${home}/etc/other"')}\nsteps: [{ name: fix, run: 'rm "\${home}/etc/other"', undo: "true" }]`,
    exit: 5,
  },
  UNDO_FAILED: {
    body: `steps: [{ name: fix, run: "exit 3", undo: "echo can not >&2; exit 1" }]`,
    exit: 5,
  },
  ROLLED_BACK_BY_HALT: {
    names: ["a1", "a2"],
    body: `steps: [{ name: fix, run: 'test "$name" = a1', ${conf} }]`,
    rollout: "onFail: rollback-all",
    exit: 4,
  },
  UNHEALTHY_BEFORE: { body: `${probed("false")}\n${change}`, exit: 3 },
  CHECK_FAILED: {
    body: `checks: [{ name: prepared, run: "false", why: "the prepare step must have run" }]\n${change}`,
    exit: 3,
  },
  SNAPSHOT_REFUSED: {
    body: `protect: [{ path: "\${home}/link", policy: keep }]\n${change}`,
    before: [(fleet) => symlink("tmp", join(fleet.home("a1"), "link"))],
    exit: 3,
  },
  SPOOL_UNUSABLE: {
    body: change,
    before: [(fleet) => writeFile(fleet.spool, "no folder\n")],
    exit: 3,
  },
  HOST_LOCKED: { body: change, before: [(fleet) => claim(fleet)], exit: 3 },
  "HOST_LOCKED by one that was heard": {
    body: change,
    before: [(fleet) => claim(fleet)],
    line: "locks release plan.yaml --host a1 --rollout lost-20261123-0300-aaaa --why lost",
    exit: 3,
  },
  SNAPSHOT_MISSING: {
    body: change,
    rollout: keep,
    before: ["apply plan.yaml", (fleet) => rm(fleet.spool, { recursive: true })],
    line: "undo ROLLOUT",
    exit: 5,
  },
  RESTORE_CONFLICT: {
    body: change,
    rollout: keep,
    before: [
      "apply plan.yaml",
      (fleet) => writeFile(join(fleet.home("a1"), "etc", "conf"), "changed by hand\n"),
    ],
    line: "undo ROLLOUT",
    exit: 5,
  },
  PREVIEW_USED: {
    body: change,
    before: ["preview plan.yaml --out kb.json", "apply kb.json"],
    line: "apply kb.json",
    exit: 3,
  },
  NOT_REHEARSABLE: {
    body: `protect: [{ path: /run/app, policy: keep }]\n${change}`,
    line: "rehearse plan.yaml",
    exit: 3,
  },
  // And where it goes well, of verbs that need a host.
  rehearse: { body: change, line: "rehearse plan.yaml", exit: 0 },
  "locks release": {
    body: change,
    before: [(fleet) => claim(fleet, 10)],
    line: `locks release plan.yaml --host a1 --rollout lost-20261123-0300-aaaa --why lost`,
    exit: 0,
  },
  "locks release of an instance": {
    body: `steps: [{ name: fix, run: "exit 3", onFail: halt, ${conf} }]`,
    before: ["apply plan.yaml"],
    line: "locks release a1 --rollout ROLLOUT --why seen",
    exit: 5,
  },
  "locks release without a reason": {
    body: change,
    before: [(fleet) => claim(fleet, 10)],
    line: "locks release plan.yaml --host a1 --rollout lost-20261123-0300-aaaa",
    exit: 3,
  },
  "locks release of a rollout that is known": {
    body: `steps: [{ name: fix, run: "exit 3", onFail: halt, ${conf} }]`,
    before: ["apply plan.yaml"],
    line: "locks release plan.yaml --host a1 --rollout ROLLOUT --why seen",
    exit: 3,
  },
  reconcile: {
    body: `steps: [{ name: fix, run: "exit 3", undo: 'test -e "\${home}/mended"' }]`,
    before: ["apply plan.yaml", (fleet) => writeFile(join(fleet.home("a1"), "mended"), "")],
    line: "reconcile ROLLOUT",
    exit: 4,
  },
};

/** A rollout of which this controller has no journal holds the host. */
const lost = "lost-20261123-0300-aaaa";

async function claim(fleet: SmallFleet, leaseMs = 3_600_000): Promise<void> {
  const found = new Map(transports().map((it) => [it.name, it]));
  const host = localHost("a1", fleet.spool);
  const opened = await openGuardDoor({ transports: found, clock }).open(host, {
    rollout: lost,
    epoch: 1,
  });
  if (opened.kind !== "result") throw new Error(opened.failure.message);
  await using guard = opened.value;
  const claimed = await guard.claim({
    holder: "deploy@elsewhere, pid 1",
    epoch: 1,
    leaseMs,
  });
  expect(claimed).toMatchObject({ value: { kind: "granted" } });
}

/** Of a report what went wrong: the rest is in the transcript of `report`. */
function wrongIn(report: string): string {
  const from = report.indexOf("## What went wrong");
  const to = report.indexOf("\n## Users", from);
  return from === -1 ? report : `…\n${report.slice(from, to)}…\n`;
}

/** Without headings and command lines. */
function saidIn(page: string): string {
  return page.replaceAll(/^[#$] .*$/gm, "");
}

function matching(text: string, filter: string | undefined): string {
  if (filter === undefined) return text;
  return text
    .split("\n")
    .filter((line) => line.includes(filter))
    .map((line) => `${line}\n`)
    .join("");
}

test.for(Object.entries(troubles))(
  `%s is told as it was last read by a person${longOnly}`,
  async ([name, trouble], { skip }) => {
    skip(!isLong, "runs in npm run test:long");
    await using fleet = await smallFleet({ names: trouble.names ?? ["a1"] });
    // With paths closed to the step there would be no harm to find.
    const rollout = `guard: { prevent: false }\n${trouble.rollout ?? ""}`;
    const text = planText(trouble.body, rollout);
    await fleet.writePlan(trouble.rollout === keep ? text.replace("retention: 0s\n  ", "") : text);
    let id = "";
    let told = `# ${name}\n`;
    const run = async (typed: string, tells: boolean): Promise<number | null> => {
      const [line = "", filter] = typed.split(" | grep ");
      const ran = await fleet.run(line.replace("ROLLOUT", id).split(" "));
      id = /\bfix-\d{8}-\d{4}-[0-9a-f]{4}\b/.exec(ran.stdout)?.[0] ?? id;
      const said = typed.startsWith("report") ? wrongIn(ran.stdout) : matching(ran.stdout, filter);
      if (tells) told += `$ handrail ${typed}\n${said}${ran.stderr}[exit ${ran.exit}]\n\n`;
      return ran.exit;
    };
    for (const it of trouble.before ?? []) {
      if (typeof it === "string") await run(it, false);
      else await it(fleet);
    }
    const exit = await run(trouble.line ?? "apply plan.yaml", true);
    if (trouble.line === undefined || trouble.line.startsWith("undo"))
      await run("report ROLLOUT", true);
    const [code = ""] = /^[A-Z_]+(?= |$)/.exec(name) ?? [];
    // What a report does not say of it, because it came of another trouble, the journal does.
    if (!saidIn(told).includes(code)) await run(`journal ROLLOUT | grep ${code}`, true);
    const page = evenRollout(told, fleet.folder);
    const file = new URL(`${name.replaceAll(" ", "-")}.txt`, kept);
    if (writes) {
      await mkdir(kept, { recursive: true });
      await writeFile(file, page);
    }
    expect(page).toBe(await readFile(file, "utf8"));
    expect({ exit, page }).toMatchObject({ exit: trouble.exit });
    expect(saidIn(page)).toContain(code);
  },
);
