import type { Failure } from "../core/failure.ts";
import type { Block } from "./page.ts";
import type { PreviewHost } from "./preview-hosts.ts";
import type { OddOneOut } from "./preview-odd.ts";
import { aboutWords } from "./preview-snapshots.ts";
import { counted, grouped, listed, rangeWords, size } from "./wording.ts";

/** Hosts that are told one by one; of the others only those with something to tell. */
const hostsMax = 5;

/** What was seen on the hosts, before anything is touched. */
export function hostBlocks(
  hosts: readonly PreviewHost[] | null,
  odd: readonly OddOneOut[],
): readonly Block[] {
  if (hosts === null) {
    const text =
      "Hosts were not looked at: --hosts says what each can't keep or prevent, who holds it, and what room it has";
    return [{ kind: "gap" }, { kind: "text", level: 0, text }];
  }
  const told = hosts.filter((host, at) => at < hostsMax || hasTrouble(host));
  const rest = hosts.filter((host) => !told.includes(host));
  return [
    { kind: "gap" },
    { kind: "heading", text: "Hosts, as they are now" },
    ...told.flatMap(blocksOf),
    ...restBlocks(rest),
    ...oddBlocks(odd),
  ];
}

function restBlocks(rest: readonly PreviewHost[]): readonly Block[] {
  if (rest.length === 0) return [];
  const entries = rangeWords(
    rest.map((host) => host.protected.entries),
    grouped,
  );
  const free = rest.flatMap(({ spool }) => spool.freeBytes ?? []);
  const rows: (readonly [string, string])[] = [
    [
      "snapshots",
      `${entries} ${entries === "1" ? "entry" : "entries"} each; about ${rangeWords(
        rest.map(({ needs }) => needs.bytes),
        size,
      )}${free.length === 0 ? "" : ` of ${rangeWords(free, size)} free`}`,
    ],
  ];
  return [
    {
      kind: "text",
      level: 1,
      text: `and ${counted(rest.length, "host")} where nothing stands in the way`,
    },
    { kind: "rows", level: 2, tone: "plain", rows },
  ];
}

/** Hosts that are not like the others: what ran well there may not run well here. */
function oddBlocks(odd: readonly OddOneOut[]): readonly Block[] {
  if (odd.length === 0) return [];
  return [
    { kind: "gap" },
    { kind: "heading", text: "Odd ones out" },
    ...odd.map(({ says }): Block => ({
      kind: "text",
      level: 1,
      tone: "warning",
      bullet: "? ",
      text: says,
    })),
  ];
}

function hasTrouble({ failure, troubles, losses, ...faults }: PreviewHost): boolean {
  const isFaulty = faults.preventionFault !== "" || faults.logoutFault !== "";
  return failure !== null || troubles.length > 0 || losses.length > 0 || isFaulty;
}

function blocksOf(host: PreviewHost): readonly Block[] {
  if (host.failure !== null) return [title(host), ...bad(host.failure)];
  const { protected: trees, needs, spool } = host;
  const least = trees.unfinished ? "at least " : "";
  const free = spool.freeBytes === null ? "" : ` of ${size(spool.freeBytes)} free`;
  const rows: (readonly [string, string])[] = [
    [
      "snapshots",
      `${least}${counted(trees.entries, "entry", "entries")} with ${size(trees.bytes)} in ${counted(trees.trees, "tree")}; about ${size(needs.bytes)}${free} in ${spool.path}${aboutWords(needs.ms)}`,
    ],
    ...(host.losses.length === 0 ? [] : [["can't keep", listed(host.losses, 10)] as const]),
    ...(host.preventionFault === ""
      ? []
      : [["writable", `every protected path: ${host.preventionFault}`] as const]),
    ...(host.logoutFault === ""
      ? []
      : [["guard", `may not outlive a connection: ${host.logoutFault}`] as const]),
  ];
  return [
    title(host),
    ...host.troubles.flatMap(bad),
    { kind: "rows", level: 2, tone: "plain", rows },
  ];
}

function title({ name, instances }: PreviewHost): Block {
  const of = instances.length === 1 && instances[0] === name ? "" : ` (${listed(instances)})`;
  return { kind: "text", level: 1, text: `${name}${of}` };
}

function bad({ message, hint }: Pick<Failure, "message" | "hint">): readonly Block[] {
  return [
    { kind: "text", level: 2, tone: "bad", bullet: "! ", text: message },
    { kind: "text", level: 3, text: `next: ${hint}` },
  ];
}
