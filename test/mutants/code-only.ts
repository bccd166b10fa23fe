/**
 * The source with everything blanked that is no code: comments, texts, templates with what is in
 * them, regular expressions. Same length, same lines.
 */
export function codeOnly(source: string): string {
  let out = "";
  for (let at = 0; at < source.length;) {
    const end = endOfOther(source, at, out);
    if (end === null) {
      out += source[at];
      at += 1;
      continue;
    }
    out += source.slice(at, end).replaceAll(/[^\n]/g, "\u00B7");
    at = end;
  }
  return out;
}

/** Where what is no code and begins here ends; null: code. */
function endOfOther(source: string, at: number, before: string): number | null {
  const two = source.slice(at, at + 2);
  if (two === "//") return indexOrEnd(source, "\n", at);
  if (two === "/*") return indexOrEnd(source, "*/", at + 2) + 2;
  const [first] = two;
  if (first === '"' || first === "'") return endOfText(source, at, first);
  if (first === "`") return endOfTemplate(source, at);
  // After a value a slash divides; anywhere else a regular expression begins.
  if (first === "/" && !/[\w)\]\u00B7]\s*$/.test(before)) return endOfPattern(source, at);
  return null;
}

function endOfText(source: string, at: number, quote: string): number {
  let end = at + 1;
  while (end < source.length && source[end] !== quote) end += source[end] === "\\" ? 2 : 1;
  return end + 1;
}

function endOfTemplate(source: string, at: number): number {
  let end = at + 1;
  while (end < source.length && source[end] !== "`") {
    if (source[end] === "\\") end += 2;
    else if (source.startsWith("${", end)) end = endOfHole(source, end + 2);
    else end += 1;
  }
  return end + 1;
}

function endOfHole(source: string, at: number): number {
  let depth = 1;
  let end = at;
  while (end < source.length && depth > 0) {
    const char = source[end] ?? "";
    if (char === "`") end = endOfTemplate(source, end) - 1;
    else if (char === '"' || char === "'") end = endOfText(source, end, char) - 1;
    else if (char === "{") depth += 1;
    else if (char === "}") depth -= 1;
    end += 1;
  }
  return end;
}

function endOfPattern(source: string, at: number): number {
  let inClass = false;
  let end = at + 1;
  while (end < source.length && (inClass || source[end] !== "/")) {
    if (source[end] === "\\") end += 1;
    else if (source[end] === "[") inClass = true;
    else if (source[end] === "]") inClass = false;
    end += 1;
  }
  return end + 1;
}

function indexOrEnd(source: string, text: string, from: number): number {
  const at = source.indexOf(text, from);
  return at < 0 ? source.length : at;
}
