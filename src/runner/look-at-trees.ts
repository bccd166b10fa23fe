import { afterLook, beginWatch, type Losses, type TreeWatch } from "../core/late-losses.ts";
import type { PathText } from "../core/path-text.ts";
import type { Host } from "../core/plan/inventory.ts";
import type { ProtectedPath } from "../core/plan/plan.ts";
import { oneLine } from "../core/printable.ts";
import { secretStandIns, substitute } from "../core/variables.ts";
import { rulings } from "../core/verdict/ruling.ts";
import { treePath } from "../core/verdict/tree-path.ts";
import { listTree } from "./list-tree.ts";
import { whyUnseen } from "./looking-work.ts";
import { environmentOf, guardOf, type Work } from "./work.ts";

/** Something that a look at a sealed instance saw. */
export interface Seen {
  readonly instance: string;
  /** Absent where the whole instance is meant. */
  readonly host?: string;
  /** `unseen`: could not be told, which is neither good nor bad. `well`: healthy, and seen, again. */
  readonly is: "unhealthy" | "lost" | "unseen" | "well";
  /** One sentence. */
  readonly says: string;
  readonly path?: PathText;
  readonly losses?: Losses;
}

/** What is known of protected trees, by instance, host and tree. */
export type KnownTrees = Map<string, TreeWatch>;

/** Lists the protected trees of one host by name, read-only, and says of each what is lost since the last look. */
export async function lookAtTrees(
  work: Work,
  host: Host,
  known: KnownTrees,
): Promise<readonly Seen[]> {
  const { name } = work.instance;
  const on = { instance: name, ...(work.instance.hosts.length > 1 ? { host: host.name } : {}) };
  const names = Object.keys(work.parts.itinerary.plan.secrets);
  // Paths never hold secrets.
  const env = { ...secretStandIns(names), ...environmentOf(work, host) };
  const protect = substitute(work.parts.itinerary.plan.protect, env);
  const seen: Seen[] = [];
  for (const it of protect.filter(({ policy }) => policy.kind !== "may-change")) {
    const path = treePath(it.path);
    try {
      const listing = await listTree(await guardOf(work, host), path);
      if (listing.is === "unseen") {
        seen.push({ ...on, is: "unseen", says: listing.because, path });
        continue;
      }
      const key = JSON.stringify([name, host.name, path]);
      const look = { atMs: work.parts.clock.now(), entries: ownOf(path, listing.entries, protect) };
      const before = known.get(key);
      const after = before === undefined ? null : afterLook(before, look);
      known.set(key, after?.watch ?? beginWatch(it.policy, look));
      const lost = after?.lost ?? null;
      seen.push(
        lost === null
          ? { ...on, is: "well", says: `"${path}" can be seen again`, path }
          : { ...on, is: "lost", says: lossWords(path, it, lost), path, losses: lost },
      );
    } catch (error) {
      seen.push({ ...on, is: "unseen", says: whyUnseen(error, work), path });
    }
  }
  return seen;
}

/** The nearest protected path decides: what lies in an inner one is not the outer one's business. */
function ownOf(
  tree: PathText,
  entries: ReadonlySet<PathText>,
  protect: readonly ProtectedPath[],
): ReadonlySet<PathText> {
  const rulingOf = rulings({ protect, writes: [] });
  return new Set([...entries].filter((path) => rulingOf(path)?.path === tree));
}

/** Characters. */
const lossWordsMax = 500;

function lossWords(path: PathText, { policy }: ProtectedPath, { count, examples }: Losses): string {
  const what = count === 1 ? "1 entry is" : `${count} entries are`;
  const late = policy.kind === "regenerates" ? ", not back in time" : "";
  const says = `${what} gone below "${path}" (${policy.kind})${late}: ${examples.join(", ")}`;
  // Names are what somebody on the host made of them.
  return oneLine(says, { max: lossWordsMax });
}
