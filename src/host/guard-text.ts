import { readFileSync } from "node:fs";
import { command, shellBytes, shellText, type ShellText, word } from "./shell-text.ts";

/** What a guard is told when it comes up. */
export interface GuardSettings {
  /** Begins every frame: nothing else that comes over the channel can be taken for one. */
  readonly nonce: string;
  readonly spool: string;
  readonly rollout: string;
  /** Where the guard looks for tools; steps look there first. */
  readonly path: string;
  /** Programs to tell about in the host's facts. */
  readonly tools: readonly string[];
}

/** In the order in which they need one another. */
const guardParts = [
  "guard-channel.sh",
  "guard-spool.sh",
  "guard-walk.sh",
  "guard-snapshot.sh",
  "guard-store.sh",
  "guard-churn.sh",
  "guard-churn-rule.sh",
  "guard-compare.sh",
  "guard-plan.sh",
  "guard-plan-rule.sh",
  "guard-stage.sh",
  "guard-put.sh",
  "guard-restore.sh",
  "guard-run.sh",
  "guard-look.sh",
  "guard.sh",
] as const;

const known = new Map<string, ShellText>();

/** The whole program that is sent to a host. */
export function guardText(settings: GuardSettings): ShellText {
  return [
    `nonce=${word(settings.nonce)} spool=${word(settings.spool)} rollout=${word(settings.rollout)}`,
    `guard_path=${word(settings.path)} tools_asked=${word(settings.tools.join(" "))}`,
    `supervise_text=${word(textBytes("supervise.sh"))}`,
    `launch_text=${word(textBytes("launch.sh"))}`,
    ...guardParts.map(part),
    // The shell must not go on to read what follows on the channel as its own program.
    "exit 0",
    ":",
  ].join("\n");
}

/** The text that asks a read-only question; `words` follow it as its arguments. */
export function askText(settings: {
  readonly script: string;
  readonly environment: ShellText;
  readonly args: readonly string[];
  readonly outputMax: number;
}): ShellText {
  return [
    `output_max=${settings.outputMax} environment=${word(shellBytes(settings.environment))}`,
    `script=${word(settings.script)}`,
    settings.args.length === 0 ? "set --" : `set -- ${command(...settings.args)}`,
    part("ask.sh"),
    ":",
  ].join("\n");
}

/** One file without what only people need: each byte is read singly at the other end. */
function part(name: string): ShellText {
  const text = known.get(name) ?? readPart(name);
  known.set(name, text);
  return text;
}

function readPart(name: string): ShellText {
  const lines = readFileSync(new URL(name, import.meta.url), "utf8").split("\n");
  return shellText(
    lines
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"))
      .join("\n"),
  );
}

function textBytes(name: string): Uint8Array {
  return shellBytes(part(name));
}
