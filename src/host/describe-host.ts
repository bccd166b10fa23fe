import type { Answer } from "../core/answer.ts";
import type { HostPortrait, PathPortrait, UnitPortrait } from "../core/host-portrait.ts";
import { type PathText, pathBytes } from "../core/path-text.ts";
import { printable } from "../core/printable.ts";
import { type Frame, ProtocolError, textsOf } from "./frames.ts";
import { spellingFault } from "./host-paths.ts";
import { askGuard, frameOf, type Session } from "./session.ts";
import { command } from "./shell-text.ts";

/** Characters of one thing that a host says of itself. */
const saidMax = 100;

/** Asks a host what it, these paths and these units are like; see guard-describe.sh. Reads only. */
export async function describeHost(
  session: Session,
  paths: readonly PathText[],
  units: readonly string[],
): Promise<Answer<HostPortrait>> {
  const asked = paths.filter((path) => spellingFault(path) === null);
  const answer = await askGuard(session, command("describe", ...asked.map(pathBytes)));
  if (answer.kind !== "result") return answer;
  if (answer.value.kind === "refused") return { kind: "not-sent", failure: answer.value.failure };
  const { frames } = answer.value;
  const [os, up] = textsOf(frameOf(frames, "HOST-IS"), 2);
  const told = frames.filter(({ kind }) => kind === "PATH-IS");
  if (told.length !== asked.length)
    throw new ProtocolError("other paths described than were asked");
  const portraits = new Map(asked.map((path, at) => [path, pathOf(path, told[at]!)]));
  const known = units.length === 0 ? null : await describeUnits(session, units);
  if (known !== null && known.kind !== "result") return known;
  return {
    kind: "result",
    value: {
      os: said(os!),
      upSeconds: numeric(up!),
      paths: paths.map((path) => portraits.get(path) ?? absent(path)),
      ...(known === null ? {} : { units: known.value }),
    },
  };
}

async function describeUnits(
  session: Session,
  units: readonly string[],
): Promise<Answer<readonly UnitPortrait[]>> {
  const answer = await askGuard(session, command("describe_units", ...units));
  if (answer.kind !== "result") return answer;
  if (answer.value.kind === "refused") return { kind: "not-sent", failure: answer.value.failure };
  const told = answer.value.frames.filter(({ kind }) => kind === "UNIT-IS");
  if (told.length !== units.length)
    throw new ProtocolError("other units described than were asked");
  return {
    kind: "result",
    value: told.map((frame) => {
      const [state = "", seconds = "", restarts = ""] = textsOf(frame, 1)[0]!.split(" ");
      return { state: said(state), seconds: numeric(seconds), restarts: numeric(restarts) };
    }),
  };
}

function pathOf(path: PathText, frame: Frame): PathPortrait {
  const [exists, kind, rights, mount, free, freeInodes, cleaned, ages] = textsOf(frame, 8);
  if (exists !== "yes") return absent(path);
  const [entries = null, oldest = null, newest = null] = (ages ?? "").split(" ").map(numeric);
  return {
    path,
    exists: true,
    kind: said(kind!),
    rights: said(rights!),
    mount: said(mount!),
    free: numeric(free!),
    freeInodes: numeric(freeInodes!),
    cleanedAfter: said(cleaned!),
    entries,
    oldestSeconds: oldest,
    newestSeconds: newest,
  };
}

function absent(path: PathText): PathPortrait {
  return {
    path,
    exists: false,
    kind: null,
    rights: null,
    mount: null,
    free: null,
    freeInodes: null,
    cleanedAfter: null,
    entries: null,
    oldestSeconds: null,
    newestSeconds: null,
  };
}

function said(text: string): string | null {
  const clean = printable(text, { max: saidMax }).trim();
  return clean === "" ? null : clean;
}

function numeric(text: string): number | null {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : null;
}
