import { planOrPreview } from "./bound-run.ts";
import { type CiArgs, withCiFiles } from "./ci-files.ts";
import type { Io } from "./io.ts";
import { type PreviewArgs, showPreview } from "./show-preview.ts";

/** What a preview can be asked for on a command line, by `preview` and by `apply --dry-run`. */
export interface PreviewAsked extends Omit<PreviewArgs, "detailed">, Omit<CiArgs, "json"> {
  readonly emergency: boolean;
  readonly "detailed-exitcode": boolean;
}

/** The preview of a plan, or of the plan that a preview file is of, with its exit code. */
export function previewAsAsked(given: PreviewAsked, io: Io): Promise<number> {
  return withCiFiles(given, io, async (files) => {
    const { args, bound } = await planOrPreview(given, io);
    const emergency = args.emergency || bound?.file.emergency === true;
    return await showPreview(
      { ...args, emergency, detailed: args["detailed-exitcode"] },
      io,
      files,
    );
  });
}
