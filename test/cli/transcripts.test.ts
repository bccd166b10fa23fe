import { cp, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandsFor } from "../../src/cli/commands.ts";
import { examples } from "../../src/cli/examples.ts";
import { handrailHere } from "./run-in-process.ts";
import { isLong } from "../support/long-suite.ts";
import { handrailUntil, type TempFolder, tempFolder } from "./run-handrail.ts";
import { type TranscriptLine, transcripts } from "./transcript-lines.ts";
import { digestOf, goLive, makeStage } from "./transcript-stage.ts";

// What every verb says, kept as text: its help, what it says where it does what it is for, and each way
// in which it refuses. `TRANSCRIPTS=update npx vitest run test/cli/transcripts.test.ts` writes them anew.
// test/house/transcripts.test.ts says which refusals must be in them.

let folder: TempFolder;
let stage: string;
let taken: Server;
/** What stands for something in a line that is not the same in each run. */
let meant: Readonly<Record<string, string>>;

const helpColumns = 80;
const kept = new URL("transcripts/", import.meta.url);
const writes = process.env["TRANSCRIPTS"] === "update";
const outputLinesMax = 60;

beforeAll(async () => {
  folder = await tempFolder();
  stage = join(folder.path, "stage");
  await makeStage(stage, join(folder.path, "spool"));
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const at = taken.address();
  meant = {
    PORT: String(typeof at === "object" ? at?.port : at),
    PREFIX: (await digestOf(stage, "plan.yaml")).slice(0, 12),
    LONG: "why ".repeat(20_000).trimEnd(),
    "''": "",
  };
});

afterAll(async () => {
  await new Promise((resolve) => taken.close(resolve));
  await folder[Symbol.asyncDispose]();
});

/** As it reads, without what differs from one machine and one run to the next. */
function evened(text: string): string {
  return text
    .replaceAll(folder.path, "/fleet")
    .replaceAll(
      new RegExp(`\\b(${userInfo().username}|deploy|ann|bob)@${hostname()}`, "g"),
      "$1@laptop",
    )
    .replaceAll(`${userInfo().username}@laptop`, "deploy@laptop")
    .replace(/\b[0-9a-f]{64}\b/g, "DIGEST")
    .replaceAll(meant["PREFIX"]!, "PREFIX")
    .replaceAll(new RegExp(`\\bport ${meant["PORT"]}\\b`, "g"), "port PORT")
    .replace(
      /^(ok|note|bad)( +)(node|ssh|ssh agent|known hosts|sqlite|terminal|ci|completion|temp): .*\n( +next: .*\n)?/gm,
      "ok    $3: …\n",
    )
    .replaceAll(/127\.0\.0\.1:\d+\/[\w-]+\/#token=[\w-]+/g, "127.0.0.1:PORT/PLACE/#token=TOKEN")
    .replaceAll(/\bat most \d s more\b/g, "at most N s more")
    .replaceAll(/^(ok +host h1: via local), .*$/gm, "$1, …")
    .replaceAll(
      /\bwith \d+(\.\d+)? [kMGT]?B free and room for [\d,]+ files/g,
      "with N GB free and room for N files",
    )
    .replaceAll(/20\d\d-\d\d-\d\dT[0-9:.]+Z/g, "TIME")
    .replaceAll(/20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ/g, "TIME");
}

/** Of a long answer the first lines; of a preview that was to be written to a file only its head. */
function shortened(text: string, line: string): string {
  const lines = text.split("\n");
  const most = line.includes("--out ") ? 5 : outputLinesMax;
  return lines.length <= most ? text : `${lines.slice(0, Math.min(most, 20)).join("\n")}\n…\n`;
}

async function transcript(verb: string): Promise<string> {
  // Each verb has the journal as it was: what one leaves behind is no matter of the others.
  const cwd = join(folder.path, verb);
  await cp(stage, cwd, { recursive: true });
  const lines: readonly TranscriptLine[] = transcripts[verb] ?? [];
  const help: readonly TranscriptLine[] =
    verb === "handrail" ? [] : [["what it is", `${verb} --help`]];
  const live = lines.some(([, line]) => line.includes("--state live")) ? await goLive(cwd) : null;
  let text = "";
  for (const [shows, line, around = {}] of [...help, ...lines]) {
    const words = line === "" ? [] : line.split(" ").map((word) => meant[word] ?? word);
    const { env = {}, until } = around;
    const options = { ...around, cwd, env: { SUDO_USER: "deploy", ...env } };
    const { code, stdout, stderr } =
      until === undefined
        ? await handrailHere(words, options)
        : await handrailUntil(until, words, options);
    const typed = Object.entries(env).map(([name, value]) => `${name}=${value} `);
    const said = line.endsWith("--help") ? stdout : shortened(stdout, line);
    text += `# ${shows}\n$ ${typed.join("")}${`handrail ${line}`.trim()}\n${said}${stderr}[exit ${code}]\n\n`;
  }
  await live?.close();
  return evened(text.replaceAll(cwd, "/fleet"));
}

describe("transcripts", async () => {
  const verbs = (await commandsFor([])).map(({ usage }) => usage.split(" ")[0]!);

  test("there are of every verb, and of no other", () => {
    expect(Object.keys(transcripts).toSorted()).toEqual(["handrail", ...verbs].toSorted());
    expect(Object.keys(examples).toSorted()).toEqual(verbs.toSorted());
  });

  // They have the most lines, or start the program itself.
  const later = isLong ? [] : ["apply", "preview", "rehearse", "resume", "serve"];

  test.each(["handrail", ...verbs].filter((verb) => !later.includes(verb)))(
    "%s says what it did when it was last read by a person",
    async (verb) => {
      const text = await transcript(verb);
      const file = new URL(`${verb}.txt`, kept);
      if (writes) await writeFile(file, text);
      expect(text).toBe(await readFile(file, "utf8"));
      const help = text.slice(0, text.indexOf("[exit 0]"));
      expect(help.split("\n").filter((line) => line.length > helpColumns)).toEqual([]);
      for (const [line] of examples[verb] ?? []) expect(help).toContain(line);
      expect(text).toContain("[exit 3]");
      expect(text).not.toContain("[exit 1]");
    },
  );
});
