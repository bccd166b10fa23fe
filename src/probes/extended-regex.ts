/**
 * What is wrong with a POSIX extended regular expression (regex(7)), as the end of a sentence; null
 * when nothing is known to be. GNU and BusyBox `grep -E` must both take it and mean the same by it,
 * so what only other programs know (\d, lazy repeats, groups that begin with a question mark) is
 * refused here, where the author can still read it.
 */
export function regexTrouble(pattern: string): string | null {
  if (pattern === "") return "is empty, and would match every line";
  if (/[\n\0]/.test(pattern)) return "holds a line break or a zero byte, and lines are looked at";
  let open = 0;
  let repeatable = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at]!;
    if (character === "\\") {
      const trouble = escapeTrouble(pattern[at + 1]);
      if (trouble !== null) return trouble;
      at += 1;
      repeatable = true;
    } else if (character === "[") {
      const end = bracketEnd(pattern, at);
      if (typeof end === "string") return end;
      at = end;
      repeatable = true;
    } else if (character === "(") {
      if (pattern[at + 1] === "?") return 'has "(?", which POSIX does not know';
      if (pattern[at + 1] === ")") return 'has "()" with nothing in it';
      open += 1;
      repeatable = false;
    } else if (character === ")") {
      open -= 1;
      if (open < 0) return 'has a ")" without "("';
      repeatable = true;
    } else if (character === "*" || character === "+" || character === "?") {
      if (!repeatable) return `has "${character}" with nothing before it to repeat`;
      if (/[*+?{]/.test(pattern[at + 1] ?? "")) {
        return `has "${pattern.slice(at, at + 2)}": one repeat after another`;
      }
    } else if (character === "{") {
      const repeat = /^\{(\d{1,5})(?:(,)(\d{0,5}))?\}/.exec(pattern.slice(at));
      if (repeat === null || !repeatable) return 'has "{" that is no repeat like {2,5}; write \\{';
      const [text, low, comma, high] = repeat;
      const most = Math.max(Number(low), Number(high ?? 0));
      if (most > repeatMax) return `repeats more than ${repeatMax} times`;
      if (comma !== undefined && high !== "" && Number(high) < Number(low)) {
        return `has "${text}", where the second number is smaller`;
      }
      at += text.length - 1;
      if (/[*+?{]/.test(pattern[at + 1] ?? "")) return `has one repeat after another at "${text}"`;
    } else if (character === "|") {
      if (!repeatable || at === pattern.length - 1 || /[|)]/.test(pattern[at + 1]!)) {
        return 'has "|" with nothing on one side';
      }
      repeatable = false;
    } else {
      // An anchor is no character that could be repeated.
      repeatable = character !== "^" && character !== "$";
    }
  }
  return open > 0 ? 'has a "(" that is not closed' : null;
}

/** RE_DUP_MAX that POSIX guarantees (limits.h). */
const repeatMax = 255;

function escapeTrouble(next: string | undefined): string | null {
  if (next === undefined) return 'ends with "\\"';
  if (next === "d") return 'has "\\d", which POSIX does not know; write [0-9]';
  if (next === "s") return 'has "\\s", which POSIX does not know; write [[:space:]]';
  if (next === "w") return 'has "\\w", which POSIX does not know; write [[:alnum:]_]';
  if (/[A-Za-z0-9]/.test(next)) return `has "\\${next}", which POSIX does not know`;
  return null;
}

const classes = /^\[:(alnum|alpha|blank|cntrl|digit|graph|lower|print|punct|space|upper|xdigit):\]/;

/** Where the bracket expression that begins at `from` ends, or what is wrong with it. */
function bracketEnd(pattern: string, from: number): number | string {
  let at = from + 1;
  if (pattern[at] === "^") at += 1;
  const first = at;
  // A "]" that comes first is an ordinary character.
  if (pattern[at] === "]") at += 1;
  while (at < pattern.length && (pattern[at] !== "]" || at === first)) {
    if (pattern[at] === "[" && /[:.=]/.test(pattern[at + 1] ?? "")) {
      const named = classes.exec(pattern.slice(at));
      if (named === null)
        return `has "${pattern.slice(at, at + 2)}" that begins no class like [:digit:]`;
      at += named[0].length;
      if (pattern[at] === "-" && pattern[at + 1] !== "]")
        return "has a range that begins with a class";
    } else if (
      pattern[at + 1] === "-" &&
      pattern[at + 2] !== undefined &&
      pattern[at + 2] !== "]"
    ) {
      const [low = "", high = ""] = [pattern[at], pattern[at + 2]];
      if (high === "[" && /[:.=]/.test(pattern[at + 3] ?? ""))
        return "has a range that ends with a class";
      if (high < low) return `has the range "${low}-${high}", which runs backwards`;
      at += 3;
    } else {
      at += 1;
    }
  }
  if (at >= pattern.length) return 'has a "[" that is not closed';
  const inside = pattern.slice(first, at);
  if (/^:.*:$/.test(inside)) return `has "[${inside}]"; a class is written "[[${inside}]]"`;
  return at;
}
