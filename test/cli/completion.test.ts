import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shells } from "../../src/cli/completion-scripts.ts";
import { describeWays } from "../support/long-suite.ts";
import { describeWith } from "../support/parts.ts";
import { codeCache } from "../support/plain-env.ts";
import { runWords } from "../support/run-words.ts";
import { handrailHere } from "./run-in-process.ts";
import { program, type TempFolder, tempFolder } from "./run-handrail.ts";
import { smallJournal } from "./small-journal.ts";

let folder: TempFolder;

beforeAll(async () => {
  folder = await tempFolder();
  await smallJournal(folder.path);
  await folder.write("plan.yaml", "");
  await mkdir(join(folder.path, "bin"));
  // What is completed is run by this, which notes it down; what completes is the program itself.
  const recorder = join(folder.path, "bin", "handrail");
  await writeFile(
    recorder,
    `#!/bin/sh
case $1 in
  --complete|completion) exec "${process.execPath}" "${program}" "$@" ;;
esac
for word; do printf '<%s>' "$word"; done >> "$HOME/typed"
echo >> "$HOME/typed"
`,
  );
  await chmod(recorder, 0o755);
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

/** Words that are offered for the last of these. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await handrailHere(["--complete", ...words], {
    cwd: folder.path,
  });
  expect([code, stderr]).toEqual([0, ""]);
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split("\t")[0]!);
}

const newest = "fix-20261123-0304-eeee";

describe("what completes a command line", () => {
  test.each<[readonly string[], readonly string[]]>([
    [["re"], ["rehearse", "resume", "reconcile", "report"]],
    [["--v"], ["--version"]],
    [["apply", ""], [":files"]],
    [
      ["apply", "--js"],
      ["--json", "--json-into"],
    ],
    [["apply", "plan.yaml", "--json-into", ""], [":files"]],
    [["apply", "plan.yaml", "--approve", ""], []],
    [["--state", ""], [":folders"]],
    [["status", "--state="], [":folders"]],
    [["status", "--state", "=", ""], [":folders"]],
    [["journal", newest, ""], ["verify"]],
    [["decide", newest, "re"], ["retry"]],
    [
      ["decide", newest, "retry", ""],
      ["eu1", "us1"],
    ],
    [["decide", "--reason", "why", "eeee", "retry", "u"], ["us1"]],
    [
      ["approve", "cccc", ""],
      ["eu", "us"],
    ],
    [["pause", "fix-20261123-0304"], [newest]],
    [["apply", "plan.yaml", "--despite=fix-20261123-0301"], ["--despite=fix-20261123-0301-bbbb"]],
    [
      ["schema", ""],
      ["plan", "inventory", "events"],
    ],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [["nonsense", ""], []],
    [["approve", "nonsense", ""], []],
    [["snapshots", "x", "y", ""], []],
  ])("offers for %j: %j", async (words, said) => {
    expect(await offered(...words)).toEqual(said);
  });

  test("tells what each means", async () => {
    const { stdout } = await handrailHere(["--complete", "decide", newest, "retry", "e"], {
      cwd: folder.path,
    });
    expect(stdout).toMatch(/^eu1\teu: [a-z]+\n$/);
  });

  test("makes nothing where there is no journal, and changes none that is there", async () => {
    await using empty = await tempFolder();
    await handrailHere(["--complete", "pause", ""], { cwd: empty.path });
    expect(await readdir(empty.path)).toEqual([]);
    const state = join(folder.path, ".handrail");
    const before = await listing(state);
    await offered("decide", newest, "retry", "");
    expect(await listing(state)).toEqual(before);
  });
});

/** All but the shared memory in which SQLite counts its readers: it is gone with them. */
async function listing(state: string): Promise<readonly string[]> {
  const names = (await readdir(state)).filter((name) => !name.endsWith("-shm"));
  return Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(join(state, name));
      return `${name} ${size} ${mtimeMs}`;
    }),
  );
}

/** How each is started without what the machine has set up, and told of the completion. */
const started = {
  bash: { line: "bash --norc -i", load: "source <(handrail completion bash)" },
  zsh: {
    line: "zsh -f -i",
    load: "autoload -Uz compinit && compinit -D -u; source <(handrail completion zsh)",
  },
  fish: { line: "fish --private", load: "handrail completion fish | source" },
} as const;

describeWays(shells, (shell) => {
  describeWith([shell, "script"], "completes at the press of a key", () => {
    test("verbs, rollouts, choices, instances, options and files", async () => {
      const typed = [
        started[shell].load,
        "handrail appl\tpl\t",
        "handrail pause fix-20261123-0301\t",
        `handrail decide ${newest} retr\tu\t--rea\twhy`,
        "handrail status --sta\t.hand\t",
        "exit",
      ];
      await writeFile(join(folder.path, "typed"), "");
      await writeFile(join(folder.path, "keys"), typed.map((line) => `${line}\n`).join(""));
      const words = ["sh", "-c", `script -qec '${started[shell].line}' /dev/null < keys`];
      const { stdout } = await runWords(words, {
        cwd: folder.path,
        env: {
          ...codeCache,
          HOME: folder.path,
          TERM: "xterm",
          PATH: [
            join(folder.path, "bin"),
            dirname(process.execPath),
            process.env["PATH"] ?? "",
          ].join(delimiter),
        },
      });
      const lines = (await readFile(join(folder.path, "typed"), "utf8")).trimEnd().split("\n");
      expect({ lines, stdout }).toMatchObject({
        lines: [
          "<apply><plan.yaml>",
          "<pause><fix-20261123-0301-bbbb>",
          `<decide><${newest}><retry><us1><--reason><why>`,
          expect.stringMatching(/^<status><--state><\.handrail\/?>$/),
        ],
      });
    });
  });
});
