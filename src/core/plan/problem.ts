/** One thing wrong with a plan or an inventory, at the place where a person can mend it. */
export interface Problem {
  /** As the person named it. */
  readonly file: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  /** Where in the document, keys and 0-based positions: "steps/2/copy/too". "" is the whole. */
  readonly path: string;
  /** What is wrong, with the value in quotes. One sentence without a full stop. */
  readonly message: string;
  /** What to write instead; null when there is nothing better to say than the message. */
  readonly suggestion: string | null;
}

/** Either everything is right, or everything that is wrong. */
export type Checked<T> = { readonly ok: T } | { readonly problems: readonly Problem[] };

/** Keys and 0-based positions from the root of a document. */
export type DocumentPath = readonly (string | number)[];

/** A plan with more problems than this is not read to the end by anybody. */
export const problemsMax = 200;

/** In reading order, each once; files in the order in which they first appear in `files`. */
export function sortProblems(problems: readonly Problem[], files: readonly string[]): Problem[] {
  const rank = (problem: Problem): number => {
    const at = files.indexOf(problem.file);
    return at === -1 ? files.length : at;
  };
  const seen = new Set<string>();
  return problems
    .filter((problem) => {
      const key = problemLine(problem);
      return seen.has(key) ? false : seen.add(key) !== undefined;
    })
    .sort((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column)
    .slice(0, problemsMax);
}

/** One line for terminals and editors: `plan.yaml:12:5: "too" is no key of copy; did you mean "to"?`. */
export function problemLine(problem: Problem): string {
  const where = `${problem.file}:${problem.line}:${problem.column}`;
  const tail = problem.suggestion === null ? "" : `; ${problem.suggestion}`;
  return `${where}: ${problem.message}${tail}`;
}
