import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { checkout, tempFolder } from "../cli/run-handrail.ts";
import { isLong, longOnly } from "../support/long-suite.ts";
import { npmRegistry } from "../support/npm-stand-in.ts";
import { runWords } from "../support/run-words.ts";

/** Compiling, packing and installing take their time on a machine that does other things too. */
const timeoutMs = 240_000;

test.skipIf(!isLong)(
  `the package installs with npm i -g, is sound by publint and attw, and is typed for who imports it${longOnly}`,
  async () => {
    await using folder = await tempFolder();
    const at = (...names: string[]): string => join(folder.path, ...names);
    const tools = join(checkout, "node_modules", ".bin");
    const env = {
      HOME: folder.path,
      PATH: [dirname(process.execPath), tools, process.env["PATH"] ?? ""].join(delimiter),
      npm_config_cache: at("cache"),
      npm_config_update_notifier: "false",
    };
    const run = async (cwd: string, ...words: readonly string[]) => {
      const ran = await runWords(words, { cwd, env });
      if (ran.code !== 0) throw new Error(`${words.join(" ")}: ${ran.stdout}${ran.stderr}`);
      return ran.stdout;
    };

    // A copy, because packing builds dist, and others read this checkout meanwhile.
    await mkdir(at("copy"));
    const parts =
      "package.json package-lock.json tsconfig.json tsconfig.build.json README.md CHANGELOG.md bin src docs plans scripts";
    for (const name of parts.split(" "))
      await cp(join(checkout, name), at("copy", name), { recursive: true });
    await symlink(join(checkout, "node_modules"), at("copy", "node_modules"));
    await run(at("copy"), "npm", "pack", "--silent", "--pack-destination", folder.path);
    const { version }: { version: string } = JSON.parse(
      await readFile(join(checkout, "package.json"), "utf8"),
    );
    const tarball = at(`handrail-${version}.tgz`);
    await run(folder.path, "publint", tarball, "--strict");
    await run(folder.path, "attw", tarball, "--profile", "esm-only", "--no-emoji", "--no-color");

    await using registry = await npmRegistry(checkout);
    await run(
      folder.path,
      "npm",
      "install",
      "--global",
      "--silent",
      "--ignore-scripts",
      "--prefix",
      at("prefix"),
      "--registry",
      registry.url,
      tarball,
    );
    const program = at("prefix", "bin", "handrail");
    expect((await run(folder.path, program, "--version")).trim()).toBe(version);
    await run(folder.path, program, "init", "first");
    expect(await run(at("first"), program, "validate", "plan.yaml")).toMatch(/is valid/);

    await mkdir(at("user", "node_modules"), { recursive: true });
    const installed = at("prefix", "lib", "node_modules", "handrail");
    await symlink(installed, at("user", "node_modules", "handrail"));
    await writeFile(at("user", "package.json"), '{ "type": "module" }\n');
    await writeFile(at("user", "use.ts"), userText);
    const compiled = [
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--types",
      "",
      "--outDir",
      "out",
    ];
    await run(at("user"), "tsc", ...compiled, "use.ts");
    const said = await run(at("user"), "node", join("out", "use.js"), at("first", "plan.yaml"));
    expect(said).toMatch(/^true first-plan [0-9a-f]{64} version,summary refused NOT_APPROVED\n$/);
  },
  timeoutMs,
);

const userText = `import { applyPlan, HandrailError, previewPlan, validatePlan, type PublicEvent } from "handrail";
declare const process: { argv: string[]; stdout: { write(text: string): void } };
const plan = process.argv[2] ?? "";
const { valid } = await validatePlan(plan);
const { plan: name, digest } = await previewPlan(plan);
const run = applyPlan(plan, { approve: "another digest" });
const types: PublicEvent["type"][] = [];
let outcome = "";
for await (const event of run) {
  types.push(event.type);
  if (event.type === "summary") outcome = event.outcome;
}
const why = await run.summary().then(() => "", (error: unknown) => error instanceof HandrailError ? error.failure.code : "another");
process.stdout.write(\`\${valid} \${name} \${digest} \${types.join()} \${outcome} \${why}\\n\`);
`;
