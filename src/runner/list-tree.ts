import { type PathText, pathBytes, pathText } from "../core/path-text.ts";
import { oneLine } from "../core/printable.ts";
import type { Guard } from "../ports/guard.ts";
import { valueOf } from "./action-ended.ts";

/** What is in a tree now, by name only; or why nobody could tell. */
export type Listing =
  | { readonly is: "seen"; readonly entries: ReadonlySet<PathText> }
  | { readonly is: "unseen"; readonly because: string };

/** Longest that one list is waited for, and the bytes of it that are taken: some 100,000 names. */
const listMaxMs = 60_000;
const listMaxBytes = 8 * 1024 * 1024;

/**
 * Argument: the tree. Every path in it, each ended by a zero byte; nothing where there is no such tree.
 * Follows no link, stays on its file system, and writes nothing. What `-e` can't tell apart, stat can.
 */
export const listScript = `LC_ALL=C
export LC_ALL
if ! facts=$(stat -c %F -- "$1" 2>&1); then
  case $facts in
    *': No such file or directory' | *': Not a directory') exit 0 ;;
  esac
  printf '%s\\n' "$facts" >&2
  exit 3
fi
exec find "$1" -xdev -exec sh -c 'printf "%s\\0" "$@"' sh {} +
`;

/** Lists a tree of the plan on a host, read-only. Ends as unreachable or unknown where the host does not answer. */
export async function listTree(guard: Guard, tree: PathText): Promise<Listing> {
  const result = valueOf(
    await guard.ask({
      script: listScript,
      env: {},
      // A plan's paths are text, so their bytes are too.
      args: [new TextDecoder().decode(pathBytes(tree))],
      timeoutMs: listMaxMs,
      outputMax: listMaxBytes,
    }),
  );
  const said = new TextDecoder().decode(result.stderr);
  // What goes while the tree is walked is as good as gone before.
  const trouble = said
    .split("\n")
    .find((line) => line !== "" && !line.endsWith(": No such file or directory"));
  if (result.timedOut) return unseen(tree, `not listed within ${listMaxMs / 1_000} s`);
  if (result.dropped > 0) return unseen(tree, "too many names to list");
  if (trouble !== undefined) return unseen(tree, oneLine(trouble, { max: 200 }));
  return { is: "seen", entries: new Set(namesIn(result.stdout)) };
}

function unseen(tree: PathText, why: string): Listing {
  return { is: "unseen", because: `"${tree}" could not be listed: ${why}` };
}

function namesIn(bytes: Uint8Array): readonly PathText[] {
  const names: PathText[] = [];
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(0, from);
    if (end < 0) break;
    names.push(pathText(bytes.subarray(from, end)));
    from = end + 1;
  }
  return names;
}
