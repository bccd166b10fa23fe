import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { verbsPage } from "../support/verbs-page.ts";

const page = new URL("../../docs/verbs.md", import.meta.url);

test("docs/verbs.md says what the verb table says", async () => {
  if (process.env["VERBS"] === "update") await writeFile(page, verbsPage());
  expect(await readFile(page, "utf8")).toBe(verbsPage());
});
