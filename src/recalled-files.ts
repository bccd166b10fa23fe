import type { ReferencedFile } from "./core/itinerary.ts";
import type { Journals } from "./ports/journal.ts";
import type { ReferredContent } from "./ports/step-kind.ts";
import { fileContent } from "./sources/load-plan.ts";

/** The content of the files that a plan refers to, as the journal has kept it: no working copy is needed. */
export async function recalled(
  log: Journals,
  files: Readonly<Record<string, readonly ReferencedFile[]>>,
): Promise<ReferredContent> {
  const entries = await Promise.all(
    Object.entries(files).map(async ([path, list]) => {
      const loaded = await Promise.all(
        list.map(async (file) => ({ ...file, content: await log.recall(file.sha256) })),
      );
      return [path, loaded] as const;
    }),
  );
  return fileContent(Object.fromEntries(entries));
}
