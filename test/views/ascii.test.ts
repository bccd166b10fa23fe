import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { inAscii, wantsAscii } from "../../src/views/ascii.ts";
import { haltPanel } from "../../src/views/halt-panel.ts";
import { plainLines } from "../../src/views/plain-lines.ts";
import { statusText } from "../../src/views/status-text.ts";
import { treeLines } from "../../src/views/tree-drawing.ts";
import { treeModel } from "../../src/views/tree-model.ts";
import { widthOf } from "../../src/views/screen-cells.ts";
import { noActivity, observe } from "../../src/views/activity.ts";
import { scenario, scenarioNames } from "./support/scenarios.ts";

// oxlint-disable-next-line no-control-regex -- the whole of ASCII
const ascii = /^[\x00-\x7F]*$/;

describe("signs of ASCII alone", () => {
  test.each<[string, Readonly<Record<string, string>>, boolean]>([
    ["a locale in UTF-8", { LANG: "de_DE.UTF-8" }, false],
    ["C.utf8", { LANG: "C.utf8" }, false],
    ["no locale", {}, true],
    ["the POSIX locale", { LANG: "C" }, true],
    ["a locale in Latin 1", { LANG: "de_DE.ISO-8859-1" }, true],
    ["LC_ALL against LANG", { LC_ALL: "C", LANG: "C.UTF-8" }, true],
    ["LC_CTYPE against LANG", { LC_CTYPE: "en_US.UTF-8", LANG: "C" }, false],
    ["an empty LC_ALL", { LC_ALL: "", LANG: "C.UTF-8" }, false],
    ["the console of Linux", { LANG: "C.UTF-8", TERM: "linux" }, true],
    ["a dumb terminal", { LANG: "C.UTF-8", TERM: "dumb" }, true],
    ["any other terminal", { LANG: "C.UTF-8", TERM: "xterm-256color" }, false],
  ])("are drawn on a terminal where there is %s: %j: %s", (_what, env, wanted) => {
    expect(wantsAscii({ isTTY: true, env })).toBe(wanted);
    expect(wantsAscii({ isTTY: false, env })).toBe(false);
  });

  test("are known for every sign that a view or a message has", () => {
    const src = fileURLToPath(new URL("../../src", import.meta.url));
    // Pages for browsers and Markdown are UTF-8 always; one file looks for the mark of what is none.
    const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
      (name) =>
        name.endsWith(".ts") &&
        !/^(views\/(html|picture|incident-pack|ascii|preview-markdown)|serve|core\/plan\/source)/.test(
          name,
        ),
    );
    const unknown = files.flatMap((name) =>
      readFileSync(join(src, name), "utf8")
        .split("\n")
        .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line) && !ascii.test(inAscii(line)))
        .map((line) => `${name}: ${line.trim()}`),
    );
    expect(unknown).toEqual([]);
  });

  test.each(scenarioNames)("are all that the tree, its panel and the lines have: %s", (name) => {
    const told = scenario(name);
    const end = told.at(-1)!.after;
    const records = told.map(({ record }) => record);
    const page = { ascii: true, color: false, columns: 60 };
    expect(haltPanel(end, records, page)).toMatch(ascii);
    expect(statusText(end, records, page)).toMatch(ascii);
    let lines = "";
    const output = { write: (text: string) => (lines += text) };
    const view = plainLines({ output, color: false, ascii: true });
    let activity = noActivity;
    for (const [index, { record, before, after }] of told.entries()) {
      view.record(record, before, after);
      activity = observe(activity, record, { before, after });
      if (index % Math.ceil(told.length / 4) !== 0) continue;
      const nowMs = Date.parse(record.at);
      const rows = treeModel(after, { activity, nowMs, lines: 24, ended: false });
      for (const line of treeLines(rows, { columns: 40, ascii: true })) {
        expect(line.map(({ text }) => text).join("")).toMatch(ascii);
        expect(widthOf(line)).toBeLessThan(40);
      }
    }
    expect(lines).toMatch(ascii);
  });

  test("stay apart from each other, and leave names as they are", () => {
    const looks = ["·", "▸", "←", "‖", "■", "✔", "✖", "↓"];
    const drawn = looks.map(inAscii);
    expect(drawn).toEqual(["-", ">", "<", "=", "#", "+", "X", "v"]);
    expect(new Set(drawn).size).toBe(looks.length);
    expect(inAscii("✔ köln · 東京 …")).toBe("+ köln - 東京 ...");
  });
});
