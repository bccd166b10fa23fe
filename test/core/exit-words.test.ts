import { expect, test } from "vitest";
import { exitWords } from "../../src/core/exit-words.ts";

test.each([
  [0, "exit code 0"],
  [3, "exit code 3"],
  [126, "exit code 126 (a command can't be run)"],
  [127, "exit code 127 (a command was not found)"],
  [128, "exit code 128"],
  [137, "exit code 137 (killed by SIGKILL)"],
  [143, "exit code 143 (killed by SIGTERM)"],
  [200, "exit code 200"],
])("%i is told as %s", (code, words) => {
  expect(exitWords(code)).toBe(words);
});
