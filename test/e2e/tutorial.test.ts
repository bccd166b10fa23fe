import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, delimiter } from "node:path";
import { expect, test } from "vitest";
import { checkout, tempFolder } from "../cli/run-handrail.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { codeCache } from "../support/plain-env.ts";
import { runWords } from "../support/run-words.ts";

/** The page's own folder; the test plays in another one. */
const home = "/tmp/handrail-tutorial";

const blocks = /```(yaml|console)\n([\s\S]*?)```/g;

test.skipIf(!isLong)(`docs/tutorial.md does what it says, line by line${longOnly}`, async () => {
  await using folder = await tempFolder();
  const page = (await readFile(join(checkout, "docs", "tutorial.md"), "utf8")).replaceAll(
    home,
    folder.path,
  );
  const env = {
    ...codeCache,
    HOME: folder.path,
    PATH: [
      dirname(process.execPath),
      join(checkout, "test", "support", "bin"),
      process.env["PATH"] ?? "",
    ].join(delimiter),
  };
  let commands = 0;
  for (const block of page.matchAll(blocks)) {
    const [, kind, text = ""] = block;
    if (kind === "yaml") {
      // The last file that the page names before its text.
      const name = [...page.slice(0, block.index).matchAll(/`([a-z]+\.yaml)`/g)].at(-1)?.[1];
      await writeFile(join(folder.path, name ?? ""), text);
      continue;
    }
    for (const [, command = "", expected = ""] of text.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)) {
      commands += 1;
      // One stream, in the order in which a person sees it.
      const words = ["bash", "-c", `exec 2>&1\n${command}`];
      const { stdout: said } = await runWords(words, { cwd: folder.path, env });
      expect({ command, said }).toEqual({
        command,
        said: expect.stringMatching(pattern(expected)),
      });
    }
  }
  expect(commands).toBeGreaterThan(12);
});

/** "…" is anything, over as many lines as it takes; all else is as it stands. */
function pattern(expected: string): RegExp {
  const text = expected
    .split("…")
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${text.join("[\\s\\S]*")}$`);
}
