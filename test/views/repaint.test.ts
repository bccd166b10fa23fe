import { describe, expect, test } from "vitest";
import { painter } from "../../src/views/paint.ts";
import { repaint } from "../../src/views/repaint.ts";
import { cells, clippedLine, widthOf } from "../../src/views/screen-cells.ts";
import { terminal } from "./support/screen.ts";

const paint = painter(false);
const screen = (...lines: string[]) => lines.map((line) => cells("plain", line));

describe("drawing over what is there", () => {
  test("writes only what differs", () => {
    const before = screen("one", "step 2  2.0 s · ui", "three");
    const after = screen("one", "step 2  3.0 s · ui", "three");
    expect(repaint(before, after, paint)).toBe("\u001B[1B\u001B[8C3\r\u001B[1A");
    expect(repaint(after, after, paint)).toBe("");
  });

  test.each([
    [["a", "b", "c"], ["a"]],
    [["a"], ["a", "b", "", "d"]],
    [
      ["long line", "b"],
      ["long", "b2"],
    ],
    [
      ["名前 one", "x"],
      ["名 one", "x"],
    ],
    [["a"], []],
    [[], ["a", "b"]],
  ])("makes %j into %j", (before, after) => {
    const shown = terminal(80, 24);
    shown.stream.write(repaint([], screen(...before), paint));
    shown.stream.write(repaint(screen(...before), screen(...after), paint));
    expect(shown.lines()).toEqual(after.filter((line) => line !== ""));
  });

  test("counts wide characters as two columns, and marks as none", () => {
    expect(widthOf(cells("plain", "漢字e\u0301"))).toBe(5);
    expect(widthOf(clippedLine(cells("plain", "漢字漢字"), 6))).toBe(5);
  });
});
