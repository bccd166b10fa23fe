import type { Fact } from "./outliers.ts";
import { oneLine } from "./printable.ts";

/** Characters of what a check says that are compared. */
const saidMax = 100;

/** A value shorter than this may stand anywhere by chance: it is not taken for a name. */
const valueMin = 3;

/** Two numbers that a check prints are alike, where they are no further apart. */
const near = 10;

/**
 * What a check that passed says of a host, to be held against the others: the prepare marker that is
 * another one there, or the only output where the others have none. What the plan gives each instance
 * (its name, its address, its paths) is put back into the plan's words first, so that only what the
 * host itself says can differ. `output`: secrets struck out.
 */
export function checkFact(
  name: string,
  output: string,
  variables: Readonly<Record<string, string>>,
): Fact {
  const about = `what check "${oneLine(name, { max: saidMax })}" says`;
  const said = inPlanWords(oneLine(output, { max: 1_000 }), variables).slice(0, saidMax);
  if (/^-?\d{1,15}$/.test(said)) return { about, value: Number(said), near, inPreview: false };
  return { about, value: said === "" ? "nothing" : `"${said}"`, inPreview: false };
}

/** Names and places alone: any other value may stand in what a check says for another reason. */
function inPlanWords(text: string, variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .filter(([name, value]) => identifying.has(name) || value.startsWith("/"))
    .filter(([, value]) => value.length >= valueMin)
    .toSorted(([, one], [, other]) => other.length - one.length)
    .reduce((said, [name, value]) => said.replaceAll(wholeWord(value), () => `\${${name}}`), text);
}

const identifying: ReadonlySet<string> = new Set(["name", "host", "address"]);

function wholeWord(value: string): RegExp {
  return new RegExp(
    `(?<![\\w.-])${value.replaceAll(/[.*+?^${}()|[\]\\/-]/g, "\\$&")}(?![\\w.-])`,
    "g",
  );
}
