import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandsFor } from "../../src/cli/commands.ts";
import { examples } from "../../src/cli/examples.ts";
import { handrailHere } from "./run-in-process.ts";
import { type TempFolder, tempFolder } from "./run-handrail.ts";
import { smallJournal } from "./small-journal.ts";
import { transcripts } from "./transcript-lines.ts";

// What every verb says, kept as text: its help, what it says where it does what it is for, and each way
// in which it refuses. `TRANSCRIPTS=update npx vitest run test/cli/transcripts.test.ts` writes them anew.

let folder: TempFolder;

const helpColumns = 80;
const kept = new URL("transcripts/", import.meta.url);
const writes = process.env["TRANSCRIPTS"] === "update";

beforeAll(async () => {
  folder = await tempFolder();
  await handrailHere(["init", "."], { cwd: folder.path });
  const plan = await readFile(join(folder.path, "plan.yaml"), "utf8");
  // Nothing here may reach for a host: production is refused without an approval.
  const inventory = await readFile(join(folder.path, "inventory.yaml"), "utf8");
  await folder.write(
    "inventory.yaml",
    `${inventory.replace(/^production: .*\n/gm, "")}\nproduction: true\n`,
  );
  await folder.write("wrong.yaml", plan.replace("steps:", "stepps:"));
  await folder.write("harmful.yaml", harmful);
  let second = 0;
  // A minute before the first record of its rollouts, and a second later each time.
  await smallJournal(folder.path, () => new Date(startMs + 1_000 * (second += 1)).toISOString());
});

const startMs = Date.parse("2026-11-23T03:00:00.000Z");

const harmful = `handrail: 1
name: harmful
summary: Deletes what it protects.
inventory: inventory.yaml
protect: [{ path: /srv/app/tmp, policy: keep }]
steps: [{ name: clear, run: "rm -rf /srv/app/tmp", undo: "true" }]
`;

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

/** As it reads, without what differs from one machine and one run to the next. */
function evened(text: string): string {
  return text
    .replaceAll(folder.path, "/work")
    .replaceAll(`${userInfo().username}@${hostname()}`, "deploy@laptop")
    .replace(/\b[0-9a-f]{64}\b/g, "DIGEST")
    .replace(
      /^(ok|note|bad)( +)(node|ssh|ssh agent|known hosts|sqlite|terminal|ci|completion|temp): .*\n( +next: .*\n)?/gm,
      "ok    $3: …\n",
    )
    .replaceAll(/20\d\d-\d\d-\d\dT[0-9:.]+Z/g, "TIME")
    .replaceAll(/20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ/g, "TIME");
}

async function transcript(verb: string): Promise<string> {
  // Each verb has the journal as it was: what one leaves behind is no matter of the others.
  const cwd = join(folder.path, verb);
  await mkdir(cwd);
  for (const name of [".handrail", "plan.yaml", "inventory.yaml", "wrong.yaml", "harmful.yaml"])
    await cp(join(folder.path, name), join(cwd, name), { recursive: true });
  let text = "";
  for (const line of [`${verb} --help`, ...(transcripts[verb] ?? [])]) {
    const { code, stdout, stderr } = await handrailHere(line.split(" "), { cwd });
    text += `$ handrail ${line}\n${stdout}${stderr}[exit ${code}]\n\n`;
  }
  return evened(text.replaceAll(cwd, "/work"));
}

describe("transcripts", async () => {
  const verbs = (await commandsFor([])).map(({ usage }) => usage.split(" ")[0]!);

  test("there are of every verb, and of no other", () => {
    expect(Object.keys(transcripts).toSorted()).toEqual(verbs.toSorted());
    expect(Object.keys(examples).toSorted()).toEqual(verbs.toSorted());
  });

  test.each(verbs)("%s says what it did when it was last read by a person", async (verb) => {
    const text = await transcript(verb);
    const file = new URL(`${verb}.txt`, kept);
    if (writes) await writeFile(file, text);
    expect(text).toBe(await readFile(file, "utf8"));
    const help = text.slice(0, text.indexOf("[exit 0]"));
    expect(help.split("\n").filter((line) => line.length > helpColumns)).toEqual([]);
    for (const [line] of examples[verb] ?? []) expect(help).toContain(line);
    expect(text).toContain("[exit 3]");
    expect(text).not.toContain("[exit 1]");
  });
});
