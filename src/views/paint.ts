import { styleText } from "node:util";

export type Tone = "good" | "bad" | "warning" | "quiet" | "strong" | "plain";

/** Puts a colour on text that is already safe to print. */
export type Paint = (tone: Tone, text: string) => string;

/** None of them vanishes on a light or a dark background, as yellow, white and black do. */
const formats = {
  good: "green",
  bad: "red",
  warning: "magenta",
  quiet: "dim",
  strong: "bold",
} as const;

/** Paints, or hands the text through where there is to be no colour. */
export function painter(color: boolean): Paint {
  return (tone, text) =>
    !color || tone === "plain" ? text : styleText(formats[tone], text, { validateStream: false });
}

export interface ColorQuestion {
  readonly isTTY: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What `--color` or `--no-color` said; null without either. */
  readonly flag: boolean | null;
}

/**
 * Is there to be colour? The flag wins, then NO_COLOR (any value but the empty one, no-color.org),
 * then FORCE_COLOR (`0` and `false` mean no), then whether it is a terminal that can.
 */
export function wantsColor({ isTTY, env, flag }: ColorQuestion): boolean {
  if (flag !== null) return flag;
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return isTTY && env["TERM"] !== "dumb";
}
