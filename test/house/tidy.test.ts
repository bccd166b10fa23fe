import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { failureCodes } from "../../src/core/failure.ts";
import { execFileSync } from "../support/bounded-process.ts";

const root = new URL("../../", import.meta.url);
const tracked = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" })
  .split("\0")
  .filter((path) => path !== "");
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

/** Longest file that is still one idea; above it, it is probably two. */
const linesMax = 300;

describe("the house", () => {
  test("explains every failure code, and no other", () => {
    const explained = [...read("docs/errors.md").matchAll(/^\| ([A-Z][A-Z_]+) \|/gm)].map(
      (match) => match[1] ?? "",
    );
    expect(explained.toSorted()).toEqual([...failureCodes].toSorted());
  });

  test("has no room without a name of its own", () => {
    const catchAll = /(^|\/)(types|utils?|helpers?|common|misc|lib)\.ts$|^src\/.+\/index\.ts$/;
    expect(tracked.filter((path) => catchAll.test(path))).toEqual([]);
  });

  test("has no source file that is two ideas long", () => {
    const long = tracked
      .filter((path) => /^src\/.*\.(ts|sh)$/.test(path))
      .filter((path) => read(path).split("\n").length > linesMax);
    expect(long).toEqual([]);
  });

  test("leaves nothing for later in its comments, and swallows no error", () => {
    const bad = tracked
      .filter((path) => /^(src|bin|scripts)\//.test(path))
      .filter((path) => /\b(TODO|FIXME|XXX)\b|catch( \([a-z_]*\))? *\{ *\}/.test(read(path)));
    expect(bad).toEqual([]);
  });

  test("switches no test off", () => {
    const off = tracked
      .filter((path) => /^test\/.*\.test\.ts$/.test(path) && path !== "test/house/tidy.test.ts")
      .filter((path) => /\b(test|it|describe)\.(only|todo)\(|\b(test|it)\.skip\(/.test(read(path)));
    expect(off).toEqual([]);
  });

  test("writes a slash in brackets so that BusyBox's awk takes no backslash for one", () => {
    const wrong = tracked
      .filter((path) => /^src\/host\/.*\.sh$/.test(path))
      .filter((path) => /\[\^[^\]\n]*\\\//.test(read(path)));
    expect(wrong).toEqual([]);
  });

  test("lets no program hold up the tests for ever", () => {
    const bounded = "test/support/bounded-process.ts";
    const unbounded = tracked
      .filter((path) => /^(test|fixtures)\/.*\.ts$/.test(path) && path !== bounded)
      .filter((path) => /Sync\b[^;]*\} from "node:child_process";/.test(read(path)));
    expect(unbounded).toEqual([]);
  });

  test("asserts something in every test file", () => {
    const silent = tracked
      .filter((path) => path.endsWith(".test.ts"))
      .filter((path) => !/expect|Contract\(/.test(read(path)));
    expect(silent).toEqual([]);
  });
});
