import { chmodSync, existsSync, renameSync, writeFileSync } from "node:fs";
import { programPath } from "../../support/parts.ts";
import { type ShellHost, until } from "./shell-hosts.ts";

/** A tool of the host, one call of which stands still: what comes before and after it is known. */
export interface HeldTool {
  /** The call has come, and waits. */
  reached(): Promise<void>;
  /** It goes on, as if nothing had been; every later call does at once. */
  letGo(): void;
}

/**
 * The first call of `tool` on this host whose words match `pattern`, a pattern of sh's `case`, waits
 * until it is let go. Not for BusyBox, whose shell calls many of its tools by itself.
 */
export function holdTool(host: ShellHost, tool: string, pattern: string): HeldTool {
  const program = programPath(tool);
  if (program === null) throw new Error(`there is no ${tool} to hold`);
  const standIn = `${host.folder}/bin/${tool}`;
  const held = `${standIn}.held`;
  if (existsSync(standIn)) throw new Error(`${tool} is held already`);
  writeFileSync(
    `${standIn}.new`,
    [
      "#!/bin/sh",
      `case "$*" in`,
      `  ${pattern})`,
      `    if mkdir "${held}" 2>/dev/null; then`,
      `      while [ -d "${host.folder}" ] && [ ! -e "${held}/go" ]; do /bin/sleep 0.02; done`,
      "    fi ;;",
      "esac",
      `exec "${program}" "$@"`,
      "",
    ].join("\n"),
  );
  chmodSync(`${standIn}.new`, 0o755);
  renameSync(`${standIn}.new`, standIn);
  return {
    reached: () => until(`a call of ${tool}`, () => existsSync(held)),
    letGo: () => writeFileSync(`${held}/go`, ""),
  };
}
