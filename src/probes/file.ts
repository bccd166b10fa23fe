import { z } from "zod";
import { duration as inWords } from "../core/duration-words.ts";
import { duration, durationText } from "../core/plan/durations.ts";
import type { ProbeKind } from "../ports/probe-kind.ts";
import { fileScript } from "./file-script.ts";
import { lastWords, lookOnHost } from "./host-look.ts";
import { error, fail, type Found, pass, timed } from "./probe-answers.ts";

const outputBytesMax = 4096;

const whole = z.int().min(0);
const bounds = (min: string, max: string) => ({
  min: whole.optional().describe(min),
  max: whole.optional().describe(max),
});

const args = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .refine((path) => path.startsWith("/") || path.startsWith("${"), {
        error: "must be an absolute path",
      })
      .describe("Absolute path on the host. A link is looked at itself, not what it names."),
    exists: z.boolean().default(true).describe("false: nothing may be there. Default: true."),
    type: z.enum(["file", "folder", "link"]).optional().describe("What it must be."),
    count: z
      .strictObject({
        ...bounds("At least so many entries.", "At most so many entries."),
        name: z
          .string()
          .min(1)
          .default("*")
          .describe("Count only names like this, * ? and [ ] as in a shell. Default: all."),
      })
      .refine((given) => given.min !== undefined || given.max !== undefined, {
        error: "needs min or max",
      })
      .refine((given) => (given.min ?? 0) <= (given.max ?? Infinity), {
        error: "min must not be larger than max",
      })
      .optional()
      .describe("How many entries a folder must have, names with a leading dot among them."),
    size: z
      .strictObject(bounds("At least so many bytes.", "At most so many bytes."))
      .optional()
      .describe("How large a file must be."),
    youngerThan: duration.optional().describe("Changed within this time, by the host's clock."),
    olderThan: duration.optional().describe("Not changed within this time, by the host's clock."),
    timeout: duration.prefault("10s").describe("How long the look may take. Default: 10s."),
  })
  .refine(
    (given) =>
      given.exists ||
      [given.type, given.count, given.size, given.youngerThan, given.olderThan].every(
        (key) => key === undefined,
      ),
    { error: "with exists: false nothing else can be asked of the file", path: ["exists"] },
  )
  .describe("Looks at one file or folder on the host.");

export type FileArgs = z.output<typeof args>;

/** `file: { path, exists, type, count, size, youngerThan, olderThan }`. */
export const file: ProbeKind<FileArgs> = {
  name: "file",
  args,
  substitutes: true,
  place: "host",
  places: ["host", "controller"],
  unproved: () => null,
  unmeasured: ({ count, size }) =>
    (count === undefined) === (size === undefined) ? "one of `count` and `size`" : null,
  ask: (given, context) =>
    timed(async () => {
      const looked = await lookOnHost(context, {
        script: fileScript,
        env: {},
        args: [given.path, given.count?.name ?? ""],
        timeoutMs: given.timeout,
        outputMax: outputBytesMax,
      });
      if ("found" in looked) return looked.found;
      if (looked.result.exitCode !== 0) {
        return error(`"${given.path}" can't be looked at${lastWords(looked.result)}`);
      }
      const facts = readFacts(new TextDecoder().decode(looked.result.stdout));
      return facts === undefined
        ? error(`"${given.path}": the host's answer can't be read${lastWords(looked.result)}`)
        : { ...judge(given, facts), ...numberOf(given, facts) };
    }),
};

interface Facts {
  readonly type: string;
  readonly ageMs: number;
  readonly size: number;
  /** null: not counted. */
  readonly count: number | null;
}

/** null: nothing is there. undefined: not what the script prints. */
function readFacts(text: string): Facts | null | undefined {
  if (text === "none\n") return null;
  const match = /^(file|folder|link|other) (-?\d{1,12}) (\d{1,12}) (\d{1,18}) (-|\d{1,12})\n$/.exec(
    text,
  );
  if (match === null) return undefined;
  const [, type, changed, now, size, count] = match;
  return {
    type: type!,
    ageMs: (Number(now) - Number(changed)) * 1000,
    size: Number(size),
    count: count === "-" ? null : Number(count),
  };
}

function judge(given: FileArgs, facts: Facts | null): Found {
  if (facts === null) {
    return given.exists
      ? fail(`"${given.path}" is not there`)
      : pass(`"${given.path}" is not there`);
  }
  if (!given.exists) return fail(`"${given.path}" is there (a ${facts.type}), and must not be`);
  if (given.type !== undefined && facts.type !== given.type) {
    return fail(`"${given.path}" is a ${facts.type}, expected a ${given.type}`);
  }
  const seen: string[] = [];
  const broken = [
    countTrouble(given, facts, seen),
    given.size && boundsTrouble(facts.size, "byte", given.size, seen),
    ageTrouble(given, facts.ageMs, seen),
  ].filter((trouble) => trouble !== undefined && trouble !== "");
  const what = seen.length === 0 ? `is there (a ${facts.type})` : seen.join(", ");
  if (broken.length > 0) return fail(`"${given.path}": ${broken.join("; ")}`);
  return pass(`"${given.path}" ${seen.length === 0 ? what : `is there: ${what}`}`);
}

/** Entries where they are counted, else bytes where they are asked for. */
function numberOf({ count, size }: FileArgs, facts: Facts | null): { readonly value?: number } {
  if (facts === null) return {};
  if (count !== undefined) return facts.count === null ? {} : { value: facts.count };
  return size === undefined ? {} : { value: facts.size };
}

function countTrouble(given: FileArgs, facts: Facts, seen: string[]): string {
  if (given.count === undefined) return "";
  if (facts.count === null) return `is a ${facts.type}, and entries are counted in a folder`;
  return boundsTrouble(facts.count, "entry", given.count, seen);
}

function boundsTrouble(
  value: number,
  unit: "byte" | "entry",
  wanted: { readonly min?: number | undefined; readonly max?: number | undefined },
  seen: string[],
): string {
  const many = unit === "byte" ? "bytes" : "entries";
  const counted = `${value} ${value === 1 ? unit : many}`;
  seen.push(counted);
  if (wanted.min !== undefined && value < wanted.min)
    return `${counted}, expected at least ${wanted.min}`;
  if (wanted.max !== undefined && value > wanted.max)
    return `${counted}, expected at most ${wanted.max}`;
  return "";
}

function ageTrouble(given: FileArgs, ageMs: number, seen: string[]): string {
  if (given.youngerThan === undefined && given.olderThan === undefined) return "";
  const age = `changed ${inWords(ageMs)} ago`;
  seen.push(age);
  if (given.youngerThan !== undefined && ageMs > given.youngerThan) {
    return `${age}, expected within ${durationText(given.youngerThan)}`;
  }
  if (given.olderThan !== undefined && ageMs < given.olderThan) {
    return `${age}, expected longer than ${durationText(given.olderThan)} ago`;
  }
  return "";
}
