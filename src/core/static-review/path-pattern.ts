import { nameMatcher } from "./shell-glob.ts";
import { type Piece, shownPiece, shownValue, type ShellValue } from "./shell-value.ts";

/** A path that a command works on, as far as it is known. */
export interface PathPattern {
  /** Names from the root down. */
  readonly names: readonly (readonly Piece[])[];
  readonly guessed: boolean;
  /** As people would write it. */
  readonly shown: string;
}

/** How a path lies to a protected one. `sure`: whatever the unknown parts turn out to be. */
export interface Relation {
  readonly is: "above" | "same" | "inside";
  readonly sure: boolean;
}

/** The path that this value names for a process in that folder; "." and ".." are walked as text. */
export function pathOf(value: ShellValue, folder: ShellValue): PathPattern {
  const [first] = value.pieces;
  const isRooted =
    first?.kind === "fresh" ||
    first?.kind === "unknown" ||
    (first?.kind === "text" && first.text.startsWith("/"));
  const pieces = isRooted
    ? value.pieces
    : [...folder.pieces, { kind: "text", text: "/" } as const, ...value.pieces];
  const names = walked(namesOf(pieces));
  const guessed = value.guessed || (!isRooted && folder.guessed);
  const rest = names.map((name) => name.map(shownPiece).join("")).join("/");
  const [start] = pieces;
  const shown = start?.kind === "unknown" || start?.kind === "fresh" ? rest : `/${rest}`;
  return { names, guessed, shown };
}

/** Does mktemp's own path begin it? Then it is the step's own. */
export function isFresh({ names }: PathPattern): boolean {
  return names[0]?.[0]?.kind === "fresh" && !names.some((name) => literalName(name) === "..");
}

/** Is not even the folder at its beginning known? */
export function isUnresolved({ names }: PathPattern): boolean {
  return names[0]?.[0]?.kind === "unknown";
}

/** The path to the letter; null where something in it is a glob or unknown. */
export function literalPath({ names }: PathPattern): string | null {
  const texts = names.map(literalName);
  return texts.includes(null) ? null : `/${texts.join("/")}`;
}

/** An example of a path that it stands for: "x" in place of what is not known. */
export function witness({ names }: PathPattern): string {
  return `/${names.map(witnessName).join("/")}`;
}

export function witnessName(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (piece.kind === "text" ? piece.text : "x")).join("");
}

/** The same with further names below it. */
export function below(path: PathPattern, name: ShellValue): PathPattern {
  const shown = `${path.shown === "/" ? "" : path.shown}/${shownValue(name)}`;
  return { ...path, names: [...path.names, ...namesOf(name.pieces)], shown };
}

/** How it lies to this path, given as plain text; null: nowhere near. */
export function relationTo(path: PathPattern, other: string): Relation | null {
  const names = other.split("/").filter((name) => name !== "");
  for (const [at, pieces] of path.names.entries()) {
    const name = names[at];
    if (name === undefined) return { is: "inside", sure: true };
    const unknown = pieces.findIndex((piece) => piece.kind === "unknown");
    if (unknown !== -1) {
      const known = pieces.slice(0, unknown);
      if (!couldBegin(known, name)) return null;
      return { is: at === names.length - 1 ? "same" : "above", sure: false };
    }
    if (!isNamed(pieces, name)) return null;
  }
  return { is: path.names.length === names.length ? "same" : "above", sure: true };
}

function couldBegin(known: readonly Piece[], name: string): boolean {
  if (known.length === 0) return true;
  const matcher = nameMatcher([...known, { kind: "glob", text: "*" }]);
  return matcher === null || matcher.test(name);
}

function isNamed(pieces: readonly Piece[], name: string): boolean {
  if (pieces.some((piece) => piece.kind === "fresh")) return false;
  // A glob at the beginning leaves dot files alone (POSIX.1-2024, XCU 2.14.3).
  if (name.startsWith(".") && pieces[0]?.kind === "glob") return false;
  const matcher = nameMatcher(pieces);
  return matcher === null || matcher.test(name);
}

function namesOf(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const names: Piece[][] = [[]];
  for (const piece of pieces) {
    if (piece.kind !== "text") {
      names.at(-1)!.push(piece);
      continue;
    }
    piece.text.split("/").forEach((text, index) => {
      if (index > 0) names.push([]);
      if (text !== "") names.at(-1)!.push({ kind: "text", text });
    });
  }
  return names.filter((name) => name.length > 0);
}

function walked(names: readonly (readonly Piece[])[]): readonly (readonly Piece[])[] {
  const walk: (readonly Piece[])[] = [];
  for (const name of names) {
    const text = literalName(name);
    if (text === ".") continue;
    if (text !== "..") walk.push(name);
    else if (walk.at(-1)?.some(isOpen) === true) walk.push(name);
    else walk.pop();
  }
  return walk;
}

/** Nobody knows what lies above such a name. */
function isOpen({ kind }: Piece): boolean {
  return kind === "unknown" || kind === "fresh";
}

function literalName(name: readonly Piece[]): string | null {
  const texts = name.map((piece) => (piece.kind === "text" ? piece.text : null));
  return texts.includes(null) ? null : texts.join("");
}
