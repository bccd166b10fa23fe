import { runInNewContext } from "node:vm";

/** Milliseconds that one match may take, after which nobody can tell. */
export const matchMsMax = 250;

const flags = "mu";

/** What is wrong with a regular expression, as the end of a sentence; null for nothing. */
export function javascriptRegexTrouble(pattern: string): string | null {
  try {
    return new RegExp(pattern, flags).test("")
      ? "it matches an empty text, and so everything"
      : null;
  } catch (problem) {
    const words = problem instanceof Error ? problem.message : String(problem);
    // "Invalid regular expression: /(/mu: Unterminated group": the expression is told anyway.
    return `not a regular expression (${words.slice(words.lastIndexOf(": ") + 1).trim()})`;
  }
}

/**
 * Does it match anywhere in the text? null: not to be told within `matchMsMax`. The text comes from
 * outside, and some expressions take time that doubles with each character of it; V8 looks for an
 * end of its time while it tracks back, so a context of its own can be held to a limit.
 */
export function matchesWithin(pattern: string, text: string): boolean | null {
  try {
    const found: unknown = runInNewContext(
      `new RegExp(pattern, ${JSON.stringify(flags)}).test(text)`,
      { pattern, text },
      { timeout: matchMsMax },
    );
    return found === true;
  } catch {
    // Out of time, or made unreadable by a variable in it: nothing can be told of the text.
    return null;
  }
}
