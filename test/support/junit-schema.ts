import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnSync } from "./bounded-process.ts";

const schema = fileURLToPath(new URL("../../fixtures/junit/junit.xsd", import.meta.url));

/**
 * What xmllint(1), which is none of our own, says of JUnit files, by name: null where it reads the file and the
 * schema of fixtures/junit takes it. One call for all of them.
 */
export function schemaSays(
  files: Readonly<Record<string, string>>,
): Readonly<Record<string, string | null>> {
  const folder = mkdtempSync(join(tmpdir(), "handrail-junit-"));
  try {
    const paths = Object.values(files).map((text, index) => {
      const path = join(folder, `${index}.xml`);
      writeFileSync(path, text);
      return path;
    });
    const args = ["--noout", "--nonet", "--schema", schema, ...paths];
    const { stderr } = spawnSync("xmllint", args, { encoding: "utf8" });
    const lines = stderr.split("\n");
    return Object.fromEntries(
      Object.keys(files).map((name, index) => {
        const path = paths[index]!;
        if (lines.includes(`${path} validates`)) return [name, null];
        const said = lines.filter((line) => line.startsWith(path));
        return [name, said.length === 0 ? stderr : said.join("\n").replaceAll(path, name)];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
