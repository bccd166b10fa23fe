import { spawnSync } from "../../support/bounded-process.ts";
import type { ShellHost } from "./shell-hosts.ts";

/**
 * Restores as people write them by hand. They are the control of the hostile tests: an attack that
 * does not get through even here proves nothing.
 */
export const naive = {
  /** Everything over what is there. */
  copyOver: 'cp -a "$FOLDER/naive/tree/." "$TREE/"',
  /** Into the files that are there. */
  writeOver: 'cp -rp "$FOLDER/naive/tree/." "$TREE/"',
  /** What is missing, by its names. */
  unpackNamed:
    'cd "$FOLDER/naive/tree"; tar -cf ../all.tar .; find . -type f >../names; tar -C "$TREE" -xpf ../all.tar -T ../names',
  /** Owner and mode of what is there. */
  onlyRights: `cd "$FOLDER/naive/tree"; find . -type f | while read -r it; do
      chown --reference="$it" "$TREE/$it"; chmod --reference="$it" "$TREE/$it"; done`,
  /** Looks first whether a link is in the way. */
  lookThenCopy: `cd "$FOLDER/naive/tree"; find . -type f | while read -r it; do
      [ -L "$TREE/$it" ] || [ -L "$TREE/\${it%/*}" ] || cp -a "$it" "$TREE/$it"; done`,
  /** Unpacks beside the live files, then links them into their places. */
  stageInside: `mkdir -p "$TREE/.stage"; cp -a "$FOLDER/naive/tree/." "$TREE/.stage/"
      cd "$TREE"; for it in .stage/sub/*; do ln -f "$it" sub/; done; rm -rf .stage`,
} as const;

/** Snapshots as people write them by hand. */
export const naiveSnapshot = {
  /** Reads what it finds. */
  copyContent: 'mkdir -p "$FOLDER/naive"; cp -r --copy-contents "$TREE" "$FOLDER/naive/"',
  /** Finds names first, then reads them. */
  archiveNamed:
    'mkdir -p "$FOLDER/naive"; cd "$TREE"; find . -type f >"$FOLDER/naive/names"; tar -cf "$FOLDER/naive/all.tar" -T "$FOLDER/naive/names"',
  /** Any tool's failure is a failure. */
  copyAll: 'mkdir -p "$FOLDER/naive"; cp -a "$TREE" "$FOLDER/naive/"',
} as const;

/** A copy of the tree as it is, for the naive restores. */
export function keepNaively(host: ShellHost): void {
  host.sh('rm -rf "$FOLDER/naive"; mkdir "$FOLDER/naive"; cp -a . "$FOLDER/naive/tree"');
}

/** What came of it; `hung`: it had to be ended. */
export function runNaively(
  host: ShellHost,
  script: string,
  timeoutMs = 1_500,
): { readonly hung: boolean; readonly status: number | null; readonly stderr: string } {
  const ran = spawnSync("sh", ["-c", script], {
    timeout: timeoutMs,
    env: { ...process.env, FOLDER: host.folder, TREE: host.tree, LC_ALL: "C" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  // timeout(1) ends itself by the signal that it sends.
  return {
    hung: ran.signal === "SIGKILL" || ran.status === 137,
    status: ran.status,
    stderr: ran.stderr.toString(),
  };
}
