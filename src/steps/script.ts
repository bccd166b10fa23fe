import { z } from "zod";
import type { ReferredContent, StepKind } from "../ports/step-kind.ts";

const word = z.string().refine((text) => !text.includes("\0"), {
  error: "must not hold a zero byte",
});

const args = z
  .strictObject({
    file: z
      .string()
      .min(1)
      .describe("The script: a path in the plan's folder. Its content is sent."),
    args: z.array(word).default([]).describe("Arguments for the script, one word each."),
    interpreter: z
      .union([z.string().min(1), z.array(word.min(1)).min(1)])
      .optional()
      .describe(
        'What runs it: "python3", or ["bash", "-eu"]. Default: what its first line says after #!, else sh -eu.',
      ),
  })
  .describe("Sends a script to the host and runs it. Variables are environment variables there.");

export type ScriptArgs = z.output<typeof args>;

/** `script: { file, args, interpreter }`: a file of the plan, run on the host with its arguments. */
export const script: StepKind<ScriptArgs> = {
  name: "script",
  args,
  substitutes: true,
  places: ["host", "controller"],
  refers: ({ file }) => [file],
  review: ({ file }, files) => {
    const found = files(file);
    if (found.length !== 1) return [`script "${file}" is not one file`];
    const text = scriptText(file, files);
    if (text === null) return [`script "${file}" is not text in UTF-8`];
    if (text.trim() === "") return [`script "${file}" is empty`];
    if (text.split("\n", 1)[0]?.endsWith("\r")) {
      return [`script "${file}" has Windows line ends: save it with Unix ones`];
    }
    return [];
  },
  program: (given, files) => {
    const text = scriptText(given.file, files) ?? "";
    return { text, interpreter: interpreterOf(given, text), args: given.args, file: given.file };
  },
  orders: (given, context) => {
    const text = scriptText(given.file, context.files) ?? "";
    const interpreter = interpreterOf(given, text);
    return {
      do: "script",
      script: text,
      interpreter,
      args: given.args,
      env: context.env,
      files: [],
      writes: [],
      needs: programsOf(interpreter),
      summary: ["script", given.file, ...given.args].join(" "),
    };
  },
};

function scriptText(file: string, files: ReferredContent): string | null {
  try {
    const content = files(file)[0]?.content ?? new Uint8Array();
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return null;
  }
}

/**
 * The plan's word first, then the script's own first line. A script for plain sh runs under
 * `set -eu` all the same, so that a command that fails in its middle does not pass unseen.
 */
function interpreterOf(given: ScriptArgs, text: string): readonly string[] {
  if (given.interpreter !== undefined) {
    return typeof given.interpreter === "string"
      ? given.interpreter.split(/\s+/).filter((part) => part !== "")
      : given.interpreter;
  }
  // The kernel takes one program and at most one argument from that line (execve(2)).
  const named = /^#![ \t]*(\S+)(?:[ \t]+(.*\S))?[ \t]*\n/.exec(text);
  if (named === null || /^(.*\/)?(ba|da|)sh$/.exec(named[1]!)?.[2] === "") return ["sh", "-eu"];
  return named[2] === undefined ? [named[1]!] : [named[1]!, named[2]];
}

/** What must be on the host: the interpreter, and what `env` would look for. */
function programsOf(interpreter: readonly string[]): readonly string[] {
  const [program = "sh", next] = interpreter;
  if (program === "sh") return [];
  const throughEnv = /(^|\/)env$/.test(program) && next !== undefined && /^[^-=]+$/.test(next);
  return [throughEnv ? next : program];
}
