import type { SnapshotPath } from "../effects.ts";
import type { PathText } from "../path-text.ts";
import type { Trees } from "./ruling.ts";
import { byPath, parentOf, treePath } from "./tree-path.ts";

/**
 * What to snapshot before a step: every protected path and everything that the step writes, each
 * tree once, sorted. Only the manifest is kept where content may change and nothing goes back. A
 * tree inside another is left out when the outer one keeps at least as much.
 */
export function snapshotPaths({ protect, writes }: Trees): readonly SnapshotPath[] {
  const keepsContent = new Map<PathText, boolean>();
  for (const { path, policy } of protect) {
    const tree = treePath(path);
    const needed = policy.kind !== "may-change";
    keepsContent.set(tree, needed || keepsContent.get(tree) === true);
  }
  for (const path of writes) keepsContent.set(treePath(path), true);

  const paths: SnapshotPath[] = [];
  for (const [path, content] of keepsContent) {
    if (!isCovered(path, content, keepsContent)) paths.push({ path, content });
  }
  return paths.sort(byPath);
}

function isCovered(
  path: PathText,
  content: boolean,
  trees: ReadonlyMap<PathText, boolean>,
): boolean {
  for (let at = parentOf(path); at !== null; at = parentOf(at)) {
    const outer = trees.get(at);
    if (outer === true || (outer === false && !content)) return true;
  }
  return false;
}
