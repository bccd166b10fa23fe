import { appendFileSync, closeSync, ftruncateSync, openSync, statSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { oneLine } from "../core/printable.ts";
import { refusalSuites } from "../views/junit-cases.ts";
import type { CiReport } from "../views/ci-report.ts";
import { markdown, markdownBytesMax } from "../views/markdown.ts";
import { refusalMarkdown } from "../views/rollout-markdown.ts";
import { exitCodes } from "./exit-codes.ts";
import { toldAs } from "./exit.ts";
import type { Io } from "./io.ts";
import { firstTrouble, PlanRefused, UsageError } from "./refusal.ts";
import { unwritable, writeTrouble } from "./unwritable.ts";
import { annotationLine } from "./workflow-commands.ts";

export interface CiArgs {
  readonly junit?: string | undefined;
  readonly markdown?: string | undefined;
  /** Standard output is for programs: no annotations there. */
  readonly json?: boolean | undefined;
}

/** What a CI server is told beside the exit code: files that were asked for, its summary, annotations. */
export interface CiFiles extends Disposable {
  /** Writes how it ended, once: what is told later is only more about it. Trouble with a file is told on standard error, and changes nothing else. */
  tell(report: CiReport): void;
  /** The same for what was refused, or went wrong. */
  refuse(error: unknown): void;
}

/** GitHub leaves out the summary of a step above this size, and shows an error instead. */
const stepSummaryBytesMax = 1_048_576;

/**
 * Opens the files that the command line names, or refuses before anything is touched. Until `tell`
 * each of them says that the command was ended before it could say how: that is what is left of one
 * that is killed. $GITHUB_STEP_SUMMARY and
 * $GITHUB_OUTPUT are the server's own, and only ever appended to.
 */
export async function openCiFiles(args: CiArgs, io: Io): Promise<CiFiles> {
  const unfinished = [
    "Handrail was ended before it could say what came of it",
    "next: `handrail status` shows where every rollout stands",
  ];
  if (args.junit !== undefined && args.junit === args.markdown)
    throw new UsageError(
      "--junit and --markdown name the same file",
      "give each a file of its own",
    );
  const open = (option: string, path: string | undefined): ReportFile | null =>
    path === undefined ? null : openReport(option, path, io);
  const page = open("--markdown", args.markdown);
  page?.write(markdown(["### Handrail: not finished", ...unfinished]));
  const junit = open("--junit", args.junit);
  // Only who wants XML loads what writes it.
  const xml = junit === null ? null : (await import("../views/junit.ts")).junitXml;
  const writeCases = (suites: CiReport["suites"]): void => {
    if (xml !== null) junit?.write(xml(suites));
  };
  writeCases(refusalSuites(new Date().toISOString(), "unfinished", unfinished));

  let told = false;
  function tell(report: CiReport): void {
    if (told) return;
    told = true;
    writeCases(report.suites);
    page?.write(markdown(report.markdown));
    appendSummary(report.markdown, io);
    appendOutputs(report.outputs, io);
    if (args.json === true || io.workflow === undefined) return;
    for (const each of report.annotations) io.workflow.write(annotationLine(each, io));
  }

  return {
    tell,
    refuse: (error) => {
      if (!told) tell(refusalReport(error, io));
    },
    [Symbol.dispose]() {
      junit?.close();
      page?.close();
    },
  };
}

/** Runs a verb that needs no journal with these files; what refuses it is told in them, too. */
export async function withCiFiles(
  args: CiArgs,
  io: Io,
  run: (files: CiFiles) => Promise<number>,
): Promise<number> {
  using files = await openCiFiles(args, io);
  try {
    return await run(files);
  } catch (error) {
    files.refuse(error);
    throw error;
  }
}

function refusalReport(error: unknown, io: Io): CiReport {
  const { exit, lines } = toldAs(error, io);
  const type = `exit ${exit}`;
  const trouble = firstTrouble(error);
  const problems = trouble instanceof PlanRefused ? trouble.problems : [];
  return {
    suites: refusalSuites(new Date().toISOString(), type, lines),
    markdown: refusalMarkdown(lines, exit),
    annotations:
      problems.length > 0
        ? problems.map(({ file, line, column, message, suggestion }) => ({
            level: "error",
            title: "Handrail: plan",
            message: suggestion === null ? message : `${message}; ${suggestion}`,
            file,
            line,
            column,
          }))
        : [{ level: "error", title: "Handrail: refused", message: lines.join(" ") }],
    outputs: {
      "exit-code": String(exit),
      outcome: exit === exitCodes.refused ? "refused" : "failed",
    },
  };
}

function appendSummary(paragraphs: readonly string[], io: Io): void {
  const file = io.env["GITHUB_STEP_SUMMARY"] ?? "";
  if (file === "") return;
  toldOnly("$GITHUB_STEP_SUMMARY", file, io, () => {
    const there = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    const room = Math.min(markdownBytesMax, stepSummaryBytesMax - there - 1);
    if (room < roomMin) throw new Error(`there are ${there} bytes in it, and it may hold 1 MiB`);
    // Whatever is in it may not have ended its line.
    appendFileSync(file, `${there === 0 ? "" : "\n"}${markdown(paragraphs, room)}`);
  });
}

/** For later steps of a GitHub job. */
function appendOutputs(outputs: CiReport["outputs"], io: Io): void {
  const file = io.env["GITHUB_OUTPUT"] ?? "";
  if (file === "") return;
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${oneLine(value)}\n`);
  toldOnly("$GITHUB_OUTPUT", file, io, () => appendFileSync(file, lines.join("")));
}

/** Less than this would say nothing. */
const roomMin = 1_000;

interface ReportFile {
  /** Replaces what is in it. */
  write(text: string): void;
  close(): void;
}

function openReport(option: string, named: string, io: Io): ReportFile {
  const path = resolve(io.cwd, named);
  const file = openOrRefuse(option, { named, path });
  return {
    write: (text) =>
      toldOnly(option, path, io, () => {
        const bytes = Buffer.from(text);
        for (let at = 0; at < bytes.length;)
          at += writeSync(file, bytes, at, bytes.length - at, at);
        ftruncateSync(file, bytes.length);
      }),
    close: () => closeSync(file),
  };
}

function openOrRefuse(
  option: string,
  { named, path }: { readonly named: string; readonly path: string },
): number {
  try {
    return openSync(path, "w");
  } catch (error) {
    throw unwritable(option, named, writeTrouble(error));
  }
}

/** Who can't be told of the outcome changes nothing in it. */
function toldOnly(what: string, path: string, io: Io, write: () => void): void {
  try {
    write();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    io.stderr.write(`${what} "${path}" could not be written, which changes nothing else: ${why}\n`);
  }
}
