import { duration } from "./duration-words.ts";
import type { Standing } from "./envelope.ts";
import { namedUnits } from "./plan/named-units.ts";
import type { Plan } from "./plan/plan.ts";
import { backIn, countIn, type Sample } from "./step-sample.ts";
import { restartsOf, stopsOf } from "./unlike-units.ts";
import { numberWords } from "./verdict/wording.ts";

/** Earlier instances with a column of their own; the others share one. */
const columnsMax = 3;
/** Kinds of effects that are shown, so that a panel of eight lines shows all of it. */
const rowsMax = 5;

type TablePlan = Pick<Plan, "protect" | "actions" | "steps" | "probes">;

/** The earlier instances and this one side by side, a line each for what any of them showed. */
export function envelopeTable(
  { instance, own, earlier, unlike }: Standing,
  plan: TablePlan,
): string {
  const single = earlier.slice(0, columnsMax);
  const rest = earlier.slice(columnsMax).map(({ sample }) => sample);
  const columns: readonly { readonly title: string; readonly samples: readonly Sample[] }[] = [
    ...single.map(({ name, sample }) => ({ title: name, samples: [sample] })),
    ...(rest.length === 0 ? [] : [{ title: `${rest.length} more`, samples: rest }]),
    { title: instance, samples: [own] },
  ];
  const rows = rowsOf([own, ...earlier.map(({ sample }) => sample)], plan);
  const isUnlike = (row: Row): boolean =>
    unlike.some((it) => it.outside && it.kind === row.kind && it.protect === row.protect);
  const shown = rows.toSorted((one, other) => Number(isUnlike(other)) - Number(isUnlike(one)));
  const lines = [
    ["", ...columns.map(({ title }) => title)],
    ...shown
      .slice(0, rowsMax)
      .map((row) => [
        row.title,
        ...columns.map(({ samples }) => rangeWords(samples.map(row.value), row)),
        ...(isUnlike(row) ? ["←"] : []),
      ]),
    [
      "took",
      ...columns.map(({ samples }) =>
        rangeWords(
          samples.map((it) => it.durationMs),
          { words: duration },
        ),
      ),
    ],
  ];
  const widths = lines[0]!.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[at] ?? 0)))
        .join("  "),
    )
    .join("\n");
}

interface Row {
  readonly kind: string;
  /** null: it is about the step as a whole. */
  readonly protect: number | null;
  readonly title: string;
  readonly value: (sample: Sample) => number | null;
  readonly words: (value: number) => string;
  /** Where no value is there; default: "-", there is nothing to tell. */
  readonly none?: string;
}

/** In the order in which a person wants to see them. */
const kinds = [
  "not back",
  "deleted",
  "type-changed",
  "content",
  "metadata",
  "replaced",
  "created",
] as const;

function rowsOf(samples: readonly Sample[], plan: TablePlan): readonly Row[] {
  const trees = plan.protect.flatMap(({ path }, at) => [
    ...kinds.map((kind): Row => ({
      kind,
      protect: at,
      title: `${kind} below ${path}`,
      value: (sample) => countIn(sample, at, kind),
      words: numberWords,
    })),
    {
      kind: "back after",
      protect: at,
      title: `back below ${path} after`,
      value: (sample: Sample) => backIn(sample, at),
      words: duration,
    },
  ]);
  const units = namedUnits(plan).flatMap((unit, at): readonly Row[] => {
    const plain = { protect: null, words: numberWords, none: "?" };
    const [restarts, stops] = [restartsOf(unit), stopsOf(unit)];
    return [
      { ...plain, kind: restarts, title: restarts, value: (it) => it.units[at]?.restarts ?? null },
      { ...plain, kind: stops, title: stops, value: (it) => it.units[at]?.stops ?? null },
    ];
  });
  return [...trees, ...units].filter((row) =>
    samples.some((sample) => (row.value(sample) ?? 0) > 0),
  );
}

/** "3", "0–12", or what stands for nothing. */
function rangeWords(
  values: readonly (number | null)[],
  { words, none = "-" }: Pick<Row, "words" | "none">,
): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return none;
  const [least, most] = [words(Math.min(...known)), words(Math.max(...known))];
  return least === most ? least : `${least}–${most}`;
}
