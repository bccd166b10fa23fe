import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { handrailHere } from "./run-in-process.ts";
import { smallJournal } from "./small-journal.ts";
import { runAttended, writeHarm, writePlaces } from "./transcript-journals.ts";

const startMs = Date.parse("2026-11-23T03:00:00.000Z");

/** A clock for journals: a minute before the first record of its rollouts, and a second later each time. */
function clock(): () => string {
  let second = 0;
  return () => new Date(startMs + 1_000 * (second += 1)).toISOString();
}

/** Of `transcript-journals.ts`: by the name of a rollout's inventory, for a plan that meets it. */
const met = ["small", "named", "emergency", "window", "asking", "bad", "paused", "interrupted"];

const steps = 'steps: [{ name: fix, run: "true", undo: "true" }]';
const plan = (name: string, inventory: string, body = ""): string =>
  `handrail: 1\nname: ${name}\ninventory: ${inventory}\n${body}${body.includes("steps:") ? "" : `${steps}\n`}`;

const inventory = (name: string, instance: string): string =>
  `handrail: 1\nname: ${name}\nproduction: false\nspool: SPOOL\nregions: [{ name: one, instances: [{ ${instance} }] }]\n`;
const here = "name: h1, address: 127.0.0.1, via: local";
/** Nobody listens at port 1 (tcpmux, RFC 1078) of any machine that one meets today. */
const down = "name: d1, address: 127.0.0.1, port: 1, user: deploy, via: openssh";

const texts: Readonly<Record<string, string>> = {
  "harmful.yaml": `handrail: 1
name: harmful
summary: Deletes what it protects.
inventory: inventory.yaml
protect: [{ path: /srv/app/tmp, policy: keep }]
steps: [{ name: clear, run: "rm -rf /srv/app/tmp", undo: "true" }]
`,
  "unfilled.yaml": plan(
    "unfilled",
    "in/here.yaml",
    "steps: [{ name: fix, script: { file: fix.sh }, undo: 'true' }]\n",
  ),
  "free.yaml": plan("free", "in/here.yaml"),
  "here.yaml": plan("here", "in/here.yaml"),
  "stale.yaml": plan("stale", "in/here.yaml"),
  "down.yaml": plan("down", "in/down.yaml"),
  "keyless.yaml": plan("keyless", "in/keyless.yaml"),
  "secret.yaml": plan(
    "secret",
    "in/here.yaml",
    "summary: There is a secret-in-the-plan.\nsecrets: { token: { env: TOKEN } }\n",
  ),
  "urgent.yaml": plan(
    "urgent",
    "in/here.yaml",
    "rollout: { emergency: { bake: { stable: 1s }, approvers: [bob], starter: false } }\n",
  ),
  "broken.json": '{ "kind": "preview" }\n',
  "in/here.yaml": inventory("here", here),
  "in/down.yaml": inventory("down", down),
  "in/keyless.yaml": inventory("keyless", `${down.replace("openssh", "ssh2")}, identity: /no/key`),
  "in/running.yaml": inventory("running", here),
  ...Object.fromEntries(met.map((name) => [`in/${name}.yaml`, inventory(name, here)])),
};

/** What each verb's transcript begins with: plans, inventories, and journals in every state. */
export async function makeStage(folder: string, spool: string): Promise<void> {
  await mkdir(folder);
  await handrailHere(["init", "."], { cwd: folder });
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  const first = await readFile(join(folder, "plan.yaml"), "utf8");
  // Nothing here may reach for a host: production is refused without an approval.
  const fleet = await readFile(join(folder, "inventory.yaml"), "utf8");
  await write("inventory.yaml", `${fleet.replace(/^production: .*\n/gm, "")}\nproduction: true\n`);
  await write("wrong.yaml", first.replace("steps:", "stepps:"));
  await mkdir(join(folder, "in"));
  for (const [name, text] of Object.entries(texts)) await write(name, text.replace("SPOOL", spool));
  await smallJournal(folder, clock());
  await writePlaces(join(folder, "many"), clock());
  await writeHarm(join(folder, "harm"), clock(), await digestOf(folder, "free.yaml"));
  await mkdir(join(folder, "none"));
  await makeOddStates(folder);
  // A preview that was right when it was written, before somebody changed the plan.
  await handrailHere(["preview", "stale.yaml", "--out", "stale.json"], { cwd: folder });
  await handrailHere(["preview", "urgent.yaml", "--out", "usual.json"], { cwd: folder });
  await handrailHere(["preview", "urgent.yaml", "--emergency", "--out", "urgent.json"], {
    cwd: folder,
  });
  await write("stale.yaml", texts["stale.yaml"]!.replace('"true"', '"true && true"'));
}

/** The digest that a plan in this folder has. */
export async function digestOf(folder: string, file: string): Promise<string> {
  const { stdout } = await handrailHere(["preview", file, "--json"], { cwd: folder });
  const digest = /"digest": "([0-9a-f]{64})"/.exec(stdout)?.[1];
  if (digest === undefined) throw new Error(`no digest of ${file}: ${stdout}`);
  return digest;
}

/** Rollouts that this process runs, in the state folder `live` of this folder. */
export function goLive(folder: string): Promise<{ close(): Promise<void> }> {
  return runAttended(join(folder, "live"), clock());
}

async function makeOddStates(folder: string): Promise<void> {
  await mkdir(join(folder, "junk"));
  await writeFile(join(folder, "junk", "journal.db"), "junk\n".repeat(2_000));
  for (const [name, sql] of [
    ["newer", "PRAGMA user_version = 99"],
    ["changed", "UPDATE records SET line = replace(line, 'exit 3', 'exit 0')"],
  ] as const) {
    await cp(join(folder, ".handrail"), join(folder, name), { recursive: true });
    const db = new DatabaseSync(join(folder, name, "journal.db"));
    try {
      db.exec(sql);
    } finally {
      db.close();
    }
  }
}
