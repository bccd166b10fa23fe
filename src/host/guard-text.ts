import { readFileSync } from "node:fs";
import { command, shellBytes, shellText, type ShellText, word } from "./shell-text.ts";

/** What a guard is told when it comes up. */
export interface GuardSettings {
  /** Begins every frame: nothing else that comes over the channel can be taken for one. */
  readonly nonce: string;
  readonly spool: string;
  readonly rollout: string;
  /** Of the runner on whose behalf it renews the lock of the rollout; null: it renews none. */
  readonly epoch: number | null;
  /** Where the guard looks for tools; steps look there first. */
  readonly path: string;
  /** Programs to tell about in the host's facts. */
  readonly tools: readonly string[];
  /** Milliseconds that a request waits for a switch that fires, before it is refused. */
  readonly firingMaxMs: number;
}

/** In the order in which they need one another. */
const guardParts = [
  "guard-channel.sh",
  "guard-lock.sh",
  "guard-spool.sh",
  "guard-walk.sh",
  "guard-unled.sh",
  "guard-snapshot.sh",
  "guard-survey.sh",
  "guard-take.sh",
  "guard-weigh.sh",
  "guard-store.sh",
  "guard-unpack.sh",
  "guard-drill.sh",
  "guard-churn.sh",
  "guard-churn-rule.sh",
  "guard-compare.sh",
  "guard-plan.sh",
  "guard-plan-rule.sh",
  "guard-stage.sh",
  "guard-put.sh",
  "guard-restore.sh",
  "guard-run.sh",
  "guard-settle.sh",
  "guard-presence.sh",
  "guard-switch.sh",
  "guard-fire.sh",
  "guard-logout.sh",
  "guard-look.sh",
  "guard-contents.sh",
  "guard-fingerprint.sh",
  "guard-describe.sh",
  "guard.sh",
] as const;

const known = new Map<string, ShellText>();

/** The whole program that is sent to a host. */
export function guardText(settings: GuardSettings): ShellText {
  return [
    `nonce=${word(settings.nonce)} spool=${word(settings.spool)} rollout=${word(settings.rollout)} runner_epoch=${settings.epoch ?? ""}`,
    `guard_path=${word(settings.path)} tools_asked=${word(settings.tools.join(" "))}`,
    `firing_max=${Math.ceil(settings.firingMaxMs / 10)}`,
    `supervise_text=${word(textBytes("supervise.sh"))}`,
    `launch_text=${word(textBytes("launch.sh"))}`,
    `renew_text=${word(textBytes("renew.sh"))}`,
    ...guardParts.map(guardPart),
    // The shell must not go on to read what follows on the channel as its own program.
    ending,
  ].join("\n");
}

/** The last line of a guard's text: text that was cut short does not end with it. */
const ending = "exit 0\n:";

/**
 * The few bytes that are sent before the guard's text, and read one by one: they read the text in one
 * piece where dd(1) can, and keep it for the processes of switches.
 */
export function loaderText(length: number): ShellText {
  return [
    // A dd(1) that does not know this flag reads nothing.
    "whole_blocks=yes",
    `guard_text=$(dd bs=${length} count=1 iflag=fullblock 2>/dev/null)`,
    `[ -n "$guard_text" ] || { whole_blocks=no; guard_text=$(dd bs=1 count=${length} 2>/dev/null); }`,
    `case $guard_text in *${word(shellBytes(ending))}) eval "$guard_text" ;; esac`,
    "exit 1",
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
    guardPart("ask.sh"),
    ":",
  ].join("\n");
}

/** One file without what only people need. */
export function guardPart(name: string): ShellText {
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
  return shellBytes(guardPart(name));
}
