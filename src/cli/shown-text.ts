import { inAscii, wantsAscii } from "../views/ascii.ts";
import type { TextOutput } from "./text-output.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Text for people in signs that this output can show; for a file or a pipe as it is. */
export function shownText(
  text: string,
  { output, env }: { readonly output: TextOutput; readonly env: Env },
): string {
  return wantsAscii({ isTTY: output.isTTY === true, env }) ? inAscii(text) : text;
}

/** An output of nothing but text for people. */
export function inSignsOf(output: TextOutput, env: Env): TextOutput {
  if (!wantsAscii({ isTTY: output.isTTY === true, env })) return output;
  return {
    write: (text) => output.write(inAscii(text)),
    isTTY: true,
    ...(output.columns === undefined ? {} : { columns: output.columns }),
  };
}
