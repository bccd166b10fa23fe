import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { shellWord } from "./called-as.ts";
import type { Io } from "./io.ts";

/** Name of the journal's folder where nobody says otherwise. */
const stateFolderName = ".handrail";

export interface StateArgs {
  readonly state?: string | undefined;
}

/** The journal of a rollout to start: `--state`, else $HANDRAIL_STATE, else beside the inventory. */
export function stateBeside(args: StateArgs, io: Io, file: string): string {
  return chosen(args, io) ?? join(dirname(resolve(io.cwd, file)), stateFolderName);
}

/**
 * The journal of rollouts that are there already: `--state`, else $HANDRAIL_STATE, else the nearest
 * .handrail in the working folder or above it.
 */
export function stateNearby(args: StateArgs, io: Io): string {
  const given = chosen(args, io);
  if (given !== null) return given;
  for (let at = io.cwd; ; at = dirname(at)) {
    const folder = join(at, stateFolderName);
    if (existsSync(folder)) return folder;
    if (dirname(at) === at) return join(io.cwd, stateFolderName);
  }
}

/** How to call handrail here so that it finds this journal: "npx handrail", or with `--state DIR`. */
export function programWords(state: string, io: Io): string {
  if (stateNearby({}, io) === state) return io.called;
  return `${io.called} --state ${pathWord(state, io)}`;
}

/** A path as it can be typed in the working folder. */
export function pathWord(path: string, io: Pick<Io, "cwd">): string {
  const near = relative(io.cwd, path);
  return shellWord(near.startsWith("..") || near === "" ? path : near);
}

function chosen({ state }: StateArgs, io: Io): string | null {
  const given = state ?? io.env["HANDRAIL_STATE"] ?? "";
  return given === "" ? null : resolve(io.cwd, given);
}
