import { describe, expect, test } from "vitest";
import { tree } from "../../src/views/tree.ts";
import type { Told } from "./support/made-up-rollout.ts";
import { terminal } from "./support/screen.ts";
import { bigScenario, scenario } from "./support/scenarios.ts";

interface Screen {
  readonly written: string;
  /** The tree that is left at the end, without colour. */
  readonly left: readonly string[];
}

async function drawOn(
  told: readonly Told[],
  { columns = 80, rows = 40, color = false } = {},
): Promise<Screen> {
  const screen = terminal(columns, rows);
  const errors = terminal(columns, rows);
  let nowMs = 0;
  const view = tree({ output: screen.stream, errors: errors.stream, color, now: () => nowMs });
  for (const [index, { record, before, after }] of told.entries()) {
    nowMs = Date.parse(record.at);
    view.record(record, before, after);
    if (index % Math.ceil(told.length / 3) === 0)
      await new Promise((resolve) => setTimeout(resolve, 120));
  }
  await view.end();
  const written = screen.written();
  return { written, left: screen.lines() };
}

describe("the tree on a terminal", () => {
  test("is left on the screen as it was at the end", async () => {
    const { left } = await drawOn(scenario("incident"), { columns: 200 });
    expect(left.slice(-7)).toEqual([
      "✔ apac  3 of 3 sealed  20 s",
      "✔ eu    4 of 4 sealed  14 s",
      "✔ na    3 of 3 sealed  18 s",
      "✖ cn    0 of 2 sealed, 1 rolled back  9.1 s",
      "  ✖ batch 1 of 2 (canary)  0 of 1 sealed, 1 rolled back",
      '    ✖ cn01  rolled back, verified · 3 entries below "/srv/alma/tmp" were deleted by step "clear compiled pages" and were not back within 2 s',
      "  ↓ batch 2 of 2  1 instance not touched: the rollout halted",
    ]);
  });

  test("keeps a row on one line where the finding is longer", async () => {
    const { left } = await drawOn(scenario("incident"), { columns: 60 });
    expect(left.slice(-3)).toEqual([
      "  ✖ batch 1 of 2 (canary)  0 of 1 sealed, 1 rolled back",
      '    ✖ cn01  rolled back, verified · 3 entries below "/srv/…',
      "  ↓ batch 2 of 2  1 instance not touched: the rollout halt…",
    ]);
  });

  test("draws whole trees, not each change by itself", async () => {
    const screen = terminal(80, 40);
    let writes = 0;
    screen.stream.on("data", () => (writes += 1));
    const options = { output: screen.stream, errors: terminal(80, 40).stream, color: false };
    const view = tree({ ...options, now: () => Date.now() });
    for (const { record, before, after } of scenario("incident"))
      view.record(record, before, after);
    await new Promise((resolve) => setTimeout(resolve, 350));
    await view.end();
    expect(writes).toBeGreaterThan(2);
    expect(writes).toBeLessThan(13);
  });

  test("shows an untouched region with the reason, and not as done", async () => {
    const { left } = await drawOn(scenario("refused"));
    expect(left.slice(-4)).toEqual([
      "↓ apac  3 instances not touched: the rollout was refused",
      "↓ eu    4 instances not touched: the rollout was refused",
      "↓ na    3 instances not touched: the rollout was refused",
      "↓ cn    2 instances not touched: the rollout was refused",
    ]);
  });

  test("goes back over what was sealed before", async () => {
    const { left } = await drawOn(scenario("undone"));
    expect(left.at(-1)).toMatch(/✖ batch 2 of 2|✖ cn/);
    expect(left.slice(-4).join("\n")).not.toContain("✔");
  });

  test.each([
    [60, 24],
    [200, 50],
  ])("keeps within %d columns and %d lines with 300 instances", async (columns, rows) => {
    const { left } = await drawOn(bigScenario(), { columns, rows });
    expect(left.filter((line) => line.length > columns)).toEqual([]);
    expect(left.slice(-6).map((line) => line.slice(0, 27))).toEqual(
      [1, 2, 3, 4, 5, 6].map((number) => `✔ region-${number}  50 of 50 sealed`),
    );
  });

  test("has colour only when asked for", async () => {
    const plain = await drawOn(scenario("incident"));
    // oxlint-disable-next-line no-control-regex -- colours are looked for
    expect(plain.written).not.toMatch(/\x1b\[\d+(;\d+)*m/);
    const painted = await drawOn(scenario("incident"), { color: true });
    expect(painted.written).toContain("\x1b[31m✖");
    expect(painted.written).toContain("\x1b[32m✔");
  });

  test("hides the cursor only while it draws", async () => {
    const { written } = await drawOn(scenario("goes well"));
    expect(written.lastIndexOf("\x1b[?25h")).toBeGreaterThan(written.lastIndexOf("\x1b[?25l"));
  });

  test("is drawn afresh, and fits, where the terminal becomes another size", async () => {
    const screen = terminal(80, 40);
    const options = { output: screen.stream, errors: terminal(80, 40).stream, color: false };
    const view = tree({ ...options, now: () => 0 });
    const told = scenario("incident");
    for (const { record, before, after } of told.slice(0, -40)) view.record(record, before, after);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const from = screen.written().length;
    Object.assign(screen.stream, { columns: 30, rows: 5 });
    screen.stream.emit("resize");
    expect(screen.lines().length).toBeLessThan(5);
    expect(screen.written().slice(from).startsWith("\u001B[J▸")).toBe(true);
    for (const line of screen.lines()) expect(line.length).toBeLessThan(30);
    await view.end();
    expect(screen.lines().length).toBeLessThan(5);
  });

  test("leaves drawings out while the terminal has not taken the last one", async () => {
    const screen = terminal(80, 40);
    const options = { output: screen.stream, errors: terminal(80, 40).stream, color: false };
    const view = tree({ ...options, now: () => Date.now() });
    const told = scenario("incident");
    const say = (from: number, to: number): void => {
      for (const { record, before, after } of told.slice(from, to))
        view.record(record, before, after);
    };
    say(0, 50);
    Object.defineProperty(screen.stream, "writableLength", { value: 1, configurable: true });
    const before = screen.written();
    say(50, told.length);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(screen.written()).toBe(before);
    await view.end();
    expect(screen.lines().at(-1)).toContain("not touched");
  });

  test("ends well when nothing was ever told", async () => {
    expect((await drawOn([])).written).toBe("");
    expect((await drawOn(scenario("incident").slice(0, 1))).left.at(-1)).toContain("cn");
  });

  test("keeps what is written beside it until it is over", async () => {
    const screen = terminal(80, 40);
    const errors = terminal(80, 40);
    const [first] = scenario("incident");
    const view = tree({
      output: screen.stream,
      errors: errors.stream,
      color: false,
      now: () => Date.parse(first!.record.at),
    });
    view.record(first!.record, null, first!.after);
    await new Promise((resolve) => setTimeout(resolve, 150));
    errors.stream.write("a warning\n");
    expect(errors.written()).toBe("");
    await view.end();
    expect(errors.written() + screen.written()).toContain("a warning");
  });
});
