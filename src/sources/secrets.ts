import { HandrailError } from "../core/failure.ts";
import type { SecretSource } from "../core/plan/plan.ts";
import { runProgram } from "./run-program.ts";

/** A program that prints a secret may take this long, a hardware key's touch included. */
export const secretTimeoutMs = 30_000;

/** The longest secret, in bytes: an environment variable must hold it. */
export const secretBytesMax = 64 * 1024;

/**
 * Values of a plan's secrets by name. One final line end is no part of a value. Programs start in
 * `folder`, the plan's. Throws a HandrailError with SECRET_UNAVAILABLE that names the secret and
 * its source, never a value, and never what the program printed: that may be half a secret.
 */
export async function resolveSecrets(
  secrets: Readonly<Record<string, SecretSource>>,
  order: {
    readonly folder: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
): Promise<Readonly<Record<string, string>>> {
  const values: Record<string, string> = {};
  for (const [name, source] of Object.entries(secrets)) {
    values[name] =
      "env" in source
        ? fromEnvironment(name, source.env, order.environment)
        : await fromCommand(name, source.command, order.folder);
  }
  return values;
}

function fromEnvironment(
  name: string,
  variable: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const value = Object.hasOwn(environment, variable) ? environment[variable] : undefined;
  if (value !== undefined && value !== "") return value;
  const state = value === undefined ? "is not set" : "is empty";
  throw unavailable(
    name,
    `the environment variable "${variable}" ${state}`,
    `export ${variable}=…`,
  );
}

async function fromCommand(name: string, argv: readonly string[], folder: string): Promise<string> {
  const [program = ""] = argv;
  const limits = { timeoutMs: secretTimeoutMs, outputMax: secretBytesMax };
  const run = await runProgram({ argv, cwd: folder, ...limits });
  const hint = "run the command by hand, and see that it prints the value and ends with 0";
  if (run.kind === "missing")
    throw unavailable(name, `the program "${program}" can't be found`, hint);
  if (run.kind === "failed")
    throw unavailable(name, `the program "${program}" ${run.trouble}`, hint);
  const value = decode(run.stdout)?.replace(/\r?\n$/, "") ?? null;
  if (value === null) throw unavailable(name, `what "${program}" printed is not UTF-8 text`, hint);
  if (value.includes("\0"))
    throw unavailable(name, `what "${program}" printed holds a zero byte`, hint);
  if (value === "") throw unavailable(name, `the program "${program}" printed nothing`, hint);
  return value;
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function unavailable(name: string, why: string, hint: string): HandrailError {
  const message = `the secret "${name}" can't be had: ${why}`;
  return new HandrailError({ code: "SECRET_UNAVAILABLE", message, hint });
}
