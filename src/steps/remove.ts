import { z } from "zod";
import type { StepKind } from "../ports/step-kind.ts";
import { removeScript } from "./remove-script.ts";
import { pathTrouble, plainPath, targetPath } from "./target-path.ts";

/** Paths that one step may remove: each is an argument of the program on the host. */
export const removePathsMax = 1000;

/** Folders that belong to the system: taking one away takes the host away. */
const systemFolders = new Set(
  "/ /bin /boot /dev /etc /home /lib /lib32 /lib64 /libx32 /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr /usr/bin /usr/lib /usr/local /usr/sbin /var /var/cache /var/lib /var/log /var/run /var/tmp".split(
    " ",
  ),
);

const args = z
  .strictObject({
    paths: z
      .array(targetPath)
      .min(1)
      .max(removePathsMax)
      .describe(
        "Absolute paths of files or folders, taken literally: * is no pattern. A folder goes with all that is in it; a link goes, and what it points to stays.",
      ),
  })
  .describe("Removes files and folders. One that is not there counts as removed.");

export type RemoveArgs = z.output<typeof args>;

/** `remove: { paths }`. Never follows a link, never goes into another file system. */
export const remove: StepKind<RemoveArgs> = {
  name: "remove",
  args,
  substitutes: true,
  places: ["host"],
  refers: () => [],
  review: ({ paths }) =>
    paths.flatMap((path) => {
      const trouble = pathTrouble(path);
      if (trouble !== null) return [`remove "${path}": the path ${trouble}`];
      if (!systemFolders.has(plainPath(path))) return [];
      return [`remove "${path}": this folder belongs to the system; name what is to go inside it`];
    }),
  changes: ({ paths }) => paths.map((path) => ({ does: "remove", path: plainPath(path) })),
  orders: ({ paths }) => {
    const targets = paths.map((path) => plainPath(path));
    return {
      do: "script",
      script: removeScript,
      interpreter: ["sh", "-eu"],
      args: targets,
      env: {},
      files: [],
      writes: targets,
      needs: [],
      summary: `remove ${paths.join(", ")}`,
    };
  },
};
