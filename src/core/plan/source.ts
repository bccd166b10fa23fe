import { isAlias, LineCounter, parseDocument, visit, type Document, type YAMLError } from "yaml";
import type { DocumentPath, Problem } from "./problem.ts";
import { quoted } from "./quoted.ts";
import { nearest } from "./suggest.ts";
import { yamlWords } from "./yaml-words.ts";
import { placesOf } from "./yaml-places.ts";

/** The largest plan or inventory read; a fleet of 10,000 instances written out is below 2 MiB. */
export const sourceBytesMax = 4 * 1024 * 1024;

/** How often anchors may be repeated before a document counts as an attack on memory. */
const aliasesMax = 100;

/** Errors of one text that are looked at; and characters around each. */
const errorsMax = 200;
const lineLengthMax = 300;

/** Beyond so many, the text is hardly YAML at all. */
const yamlProblemsMax = 20;

const yamlOptions = {
  merge: true,
  stringKeys: true,
  prettyErrors: false,
  // Warnings are given as problems; the parser is not to speak to the console itself. ("silent"
  // would also hide that a second document follows.)
  logLevel: "error",
} as const;

/** A document as written: its plain value, and where each part of it stands. */
export interface Source {
  readonly file: string;
  /** Plain JSON data, anchors and merges spelled out. */
  readonly value: unknown;
  /** Where the value at this path begins, or the nearest thing around it that is there. */
  readonly at: (path: DocumentPath) => Position;
  /** Where the key that ends this path stands. */
  readonly keyAt: (path: DocumentPath) => Position;
  /** The scalar as written, before YAML made a number or a truth of it; null for anything else. */
  readonly written: (path: DocumentPath) => string | null;
  /** Where this line of a text stands, counted from 0 in the text; the text's first where that is not sure. */
  readonly lineOf: (path: DocumentPath, line: number) => number;
}

export interface Position {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

export type Read =
  | { readonly source: Source; readonly problems: readonly [] }
  | { readonly source: null; readonly problems: readonly Problem[] };

/** Bytes to text: UTF-8 with or without a byte order mark. Anything else is a problem. */
export function decodeSource(file: string, bytes: Uint8Array): string | Problem {
  if (bytes.length > sourceBytesMax) {
    return whole(file, `the file has ${bytes.length} bytes; at most ${sourceBytesMax} are read`);
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return whole(file, "the file is UTF-16, not UTF-8", "save it as UTF-8");
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const good = new TextDecoder().decode(bytes).split("�")[0] ?? "";
    const lines = good.split("\n");
    const position = { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
    const message = "the file is not UTF-8: here is a byte that can't be read";
    return { file, ...position, path: "", message, suggestion: "save it as UTF-8" };
  }
}

/** Text to a document. All problems of the text are given, not only the first. */
export function readSource(file: string, written: string): Read {
  // A byte order mark is no part of the text; taking it off keeps columns right.
  const text = written.startsWith("\ufeff") ? written.slice(1) : written;
  if (text.length > sourceBytesMax) {
    const message = `the file has ${text.length} characters; at most ${sourceBytesMax} are read`;
    return { source: null, problems: [whole(file, message)] };
  }
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    const document = parseDocument(text, { ...yamlOptions, lineCounter: lines });
    const problems = [
      ...document.errors
        .slice(0, errorsMax)
        .filter(isNoEcho)
        .map((error) => yamlProblem(error)),
      ...document.warnings.map((error) => yamlProblem(error)),
      ...aliasProblems(document),
    ].filter(firstOfItsLine);
    if (problems.length > 0) return { source: null, problems };
    const value: unknown = document.toJS({ maxAliasCount: aliasesMax });
    if (value === null || value === undefined) {
      return { source: null, problems: [whole(file, "the file is empty", startHint)] };
    }
    if (typeof value !== "object" || Array.isArray(value)) {
      const message = `the file must hold keys and values, and begins with ${shapeOf(value)}`;
      return { source: null, problems: [whole(file, message, startHint)] };
    }
    const places = placesOf(document);
    const source: Source = {
      file,
      value,
      at: (path) => position(places.valueAt(path)),
      keyAt: (path) => position(places.keyAt(path)),
      written: places.written,
      lineOf: (path, line) => {
        const first = position(places.valueAt(path)).line;
        return places.isLiteral(path) ? first + 1 + line : first;
      },
    };
    return { source, problems: [] };
  } catch (error) {
    // The parser throws for anchors that multiply and for nesting that would exhaust the stack.
    const bomb = error instanceof ReferenceError;
    const message = bomb
      ? `anchors are repeated more than ${aliasesMax} times`
      : "the file is nested too deeply to be read";
    return { source: null, problems: [whole(file, message)] };
  }

  function yamlProblem(error: YAMLError): Problem {
    const offset = error.pos[0];
    const begin = text.lastIndexOf("\n", offset - 1) + 1;
    const [line = ""] = text.slice(begin, begin + lineLengthMax).split("\n", 1);
    const rest = text.slice(offset, offset + lineLengthMax);
    const [message, suggestion] = yamlWords(error, rest, line);
    return { file, ...position(offset), path: "", message, suggestion };
  }

  function aliasProblems(document: Document): Problem[] {
    const anchors = new Set<string>();
    const problems: Problem[] = [];
    visit(document, {
      Node: (_key, node) => {
        if (!isAlias(node) && "anchor" in node && node.anchor) anchors.add(node.anchor);
      },
      Alias: (_key, node) => {
        if (anchors.has(node.source)) return;
        const near = nearest(node.source, [...anchors]);
        problems.push({
          file,
          ...position(node.range?.[0] ?? 0),
          path: "",
          message: `${quoted(`*${node.source}`)} repeats an anchor that is not there`,
          suggestion: near === null ? "put texts that begin with * in quotes" : near,
        });
      },
    });
    return problems;
  }
}

/** A source for a value that was made, not written (an Ansible inventory, say): all at line 1. */
export function sourceOfValue(file: string, value: unknown): Source {
  return { file, value, at: startOfFile, keyAt: startOfFile, written: () => null, lineOf: () => 1 };
}

function startOfFile(): Position {
  return { line: 1, column: 1 };
}

const startHint = "`handrail init` writes one to start from";

/** Once a token is out of place, those after it mostly are too. */
function isNoEcho(error: YAMLError, at: number, all: readonly YAMLError[]): boolean {
  const { code } = error;
  return code !== "UNEXPECTED_TOKEN" || all.findIndex((other) => other.code === code) === at;
}

/** What follows an error on its line is mostly its echo. */
function firstOfItsLine(problem: Problem, at: number, all: readonly Problem[]): boolean {
  return all.findIndex((other) => other.line === problem.line) === at && at < yamlProblemsMax;
}

function whole(file: string, message: string, suggestion: string | null = null): Problem {
  return { file, line: 1, column: 1, path: "", message, suggestion };
}

function shapeOf(value: unknown): string {
  return Array.isArray(value) ? "a list" : quoted(value);
}
