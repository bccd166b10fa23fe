/** What becomes of Handrail's own signs where a terminal may not show them. docs/terminal.md lists those of the tree. */
const signs: Readonly<Record<string, string>> = {
  "✔": "+",
  "✖": "X",
  "▸": ">",
  "←": "<",
  "‖": "=",
  "■": "#",
  "·": "-",
  "↓": "v",
  "→": "->",
  "│": "|",
  "…": "...",
  "–": "-",
  "−": "-",
  "“": '"',
  "”": '"',
};

const anySign = new RegExp(`[${Object.keys(signs).join("")}]`, "gu");

/** The same text in signs of ASCII. Names and whatever else is not ours stay as they are. */
export function inAscii(text: string): string {
  return text.replace(anySign, (sign) => signs[sign] ?? sign);
}

export interface SignsQuestion {
  readonly isTTY: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Terminals with few letters, whatever the locale: the console of Linux has 512, and of a dumb one nothing is known. */
const fewLetters: ReadonlySet<string> = new Set(["linux", "dumb"]);

/**
 * Are only signs of ASCII sure to be read there? On a terminal its locale says so, by the first of LC_ALL, LC_CTYPE
 * and LANG that is set (XBD 8.2). Files and pipes are UTF-8 everywhere.
 */
export function wantsAscii({ isTTY, env }: SignsQuestion): boolean {
  if (!isTTY) return false;
  if (fewLetters.has(env["TERM"] ?? "")) return true;
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((it) => (it ?? "") !== "");
  return !/utf-?8/i.test(locale ?? "");
}
