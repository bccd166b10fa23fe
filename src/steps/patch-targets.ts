import { parsePatch, type StructuredPatch } from "diff";
import { pathTrouble, plainPath } from "./target-path.ts";

/** Files in one patch: each is an argument of the program on the host. */
export const patchFilesMax = 500;

/** The largest patch read; parsing is linear, and a fix that is larger is better copied. */
export const patchBytesMax = 8 * 1024 * 1024;

/** One file that the patch writes or takes away. */
export interface PatchTarget {
  /** Below the folder that is patched. */
  readonly path: string;
  /** Four octal digits that the patch asks for; null: as the file is, or 0644 for a new one. */
  readonly mode: string | null;
  /** `gone`: not there any more afterwards. */
  readonly fate: "there" | "gone";
}

export interface ReadPatch {
  readonly targets: readonly PatchTarget[];
  /** The same targets by the part of the diff that names them, in its order. */
  readonly byPart: readonly (readonly PatchTarget[])[];
  /** The patch renames or copies files, as only git's dialect can say and GNU patch can do. */
  readonly renames: boolean;
  /** Sentences; with any of them the targets are not to be relied on. */
  readonly problems: readonly string[];
}

/** Which files a unified diff changes when `strip` parts are taken off its names. */
export function readPatch(content: Uint8Array, strip: number): ReadPatch {
  if (content.length > patchBytesMax) {
    return nothing(`has ${content.length} bytes, and at most ${patchBytesMax} are read`);
  }
  const text = new TextDecoder().decode(content);
  if (text.trim() === "") return nothing("is empty");
  if (/^GIT binary patch$/m.test(text) || /^Binary files .* differ$/m.test(text)) {
    return nothing("changes a binary file, which `patch` can't do; copy that file instead");
  }
  if (/^(---|\+\+\+) .*\r$/m.test(text)) {
    return nothing("has Windows line ends; save it with Unix ones");
  }
  if (edCommand.test(text) || /^\*{15}/m.test(text)) {
    return nothing("holds an ed script or a diff that is not unified; write it with `diff -u`");
  }
  let parts: readonly StructuredPatch[];
  try {
    parts = patchParts(text);
  } catch (error) {
    return nothing(
      `can't be read as a unified diff: ${String(error instanceof Error ? error.message : error).trim()}`,
    );
  }
  if (parts.length === 0) {
    return nothing("holds no change in unified form (the output of `diff -u` or `git diff`)");
  }
  if (parts.length > patchFilesMax) {
    return nothing(`changes ${parts.length} files, and at most ${patchFilesMax} can be patched`);
  }
  const read = parts.map((part) => readPart(part, strip));
  const targets = read.flatMap((part) => part.targets);
  const problems = read.flatMap((part) => part.problems);
  const twice = targets.find(
    (target, index) => targets.findIndex((other) => other.path === target.path) !== index,
  );
  if (twice !== undefined) problems.push(`changes "${twice.path}" in two places`);
  const byPart = read.map((part) => part.targets);
  return { targets, byPart, problems, renames: parts.some(isRename) };
}

/** The files of a diff in order, with their hunks. Throws where it is none. */
export function patchParts(text: string): readonly StructuredPatch[] {
  const parts = parsePatch(withoutMailSignature(text));
  return parts.filter((part) => part.hunks.length > 0 || part.isGit === true);
}

/** A line that GNU patch takes for an ed command, even between two unified hunks. */
const edCommand = /^\d[\d,]*[acd][\d,]*[ \t]*$/m;

function nothing(problem: string): ReadPatch {
  return { targets: [], byPart: [], renames: false, problems: [problem] };
}

function readPart(part: StructuredPatch, strip: number): Pick<ReadPatch, "targets" | "problems"> {
  const old = nameOf(part.oldFileName, part.oldHeader, part.isCreate === true, strip);
  const now = nameOf(part.newFileName, part.newHeader, part.isDelete === true, strip);
  const problems = [old, now].flatMap((name) => (name.problem === null ? [] : [name.problem]));
  if (problems.length > 0) return { targets: [], problems: [...new Set(problems)] };
  const mode = part.newMode === undefined ? null : part.newMode.slice(-4);
  const path = now.path ?? old.path;
  if (path === null) return { targets: [], problems: ["has a change that names no file"] };
  if (part.index !== undefined && stripped(part.index.trim(), strip) !== path) {
    return {
      targets: [],
      problems: [`names "${part.index.trim()}" after Index: and "${path}" below`],
    };
  }
  if (isRename(part)) {
    if (old.path === null || now.path === null) {
      return { targets: [], problems: ["renames from or to nothing"] };
    }
    const source = { path: old.path, mode: null, fate: part.isCopy ? "there" : "gone" } as const;
    return { targets: [source, { path: now.path, mode, fate: "there" }], problems };
  }
  if (old.path !== null && now.path !== null && old.path !== now.path) {
    const hint = `write the same name after --- and +++, or set strip (now ${strip})`;
    return {
      targets: [],
      problems: [`names "${old.path}" and "${now.path}" for one file; ${hint}`],
    };
  }
  return { targets: [{ path, mode, fate: now.gone ? "gone" : "there" }], problems };
}

interface Name {
  /** null: the diff says that there is no file on this side. */
  readonly path: string | null;
  readonly gone: boolean;
  readonly problem: string | null;
}

function nameOf(
  name: string | undefined,
  header: string | undefined,
  absent: boolean,
  strip: number,
): Name {
  if (name === undefined) {
    return bad("has a change without the lines --- and +++");
  }
  if (name === "/dev/null") return { path: null, gone: true, problem: null };
  const path = stripped(name, strip);
  if (path === "") return bad(`names "${name}", of which strip: ${strip} leaves nothing`);
  if (name.startsWith("/")) return bad(`names the absolute path "${name}"`);
  if (path.includes("\uFFFD")) return bad(`names "${name}", which is not UTF-8`);
  const trouble = pathTrouble(`/${path}`);
  if (trouble !== null) return bad(`names "${name}", which ${trouble}`);
  return { path, gone: absent || isEpoch(header), problem: null };
}

function bad(problem: string): Name {
  return { path: null, gone: false, problem };
}

/** As patch(1) counts: each slash, or run of slashes, ends one part. */
function stripped(name: string, strip: number): string {
  return plainPath(name).split("/").slice(strip).join("/");
}

/** diff -N gives a file that is not there the time 0, in whatever zone the author lives. */
function isEpoch(header: string | undefined): boolean {
  const match = /^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})(?:\.\d+)? ([+-]\d{2})(\d{2})/.exec(
    header ?? "",
  );
  if (match === null) return false;
  return Date.parse(`${match[1]!.replace(" ", "T")}${match[2]}:${match[3]}`) === 0;
}

function isRename(part: StructuredPatch): boolean {
  return part.isRename === true || part.isCopy === true;
}

/** `git format-patch` ends a mail with "-- " and git's version, which parsers take for a removed line. */
function withoutMailSignature(text: string): string {
  return text.replace(/^-- \n\d+\.[^\n]*\n?/gm, "");
}
