import { createHash } from "node:crypto";
import { digestInput } from "../core/freeze.ts";
import type { PreviewParts } from "../core/preview-file.ts";
import { digestTexts, mapped } from "../core/preview-parts.ts";
import type { LoadedPlan } from "./load-plan.ts";

/** The sha256, in hex, that names a plan with all it refers to; `tool` is Handrail's version. */
export function digestOf(loaded: LoadedPlan, tool: string): string {
  const { plan, inventory, files } = loaded;
  return sha256(digestInput({ plan, inventory, files, tool }));
}

/** The sha256 of each part that the digest is of. */
export function digestParts({ plan, inventory, files }: LoadedPlan): PreviewParts {
  const texts = digestTexts({ plan, inventory, files });
  return {
    plan: sha256(texts.plan),
    order: sha256(texts.order),
    targets: mapped(texts.targets, sha256),
    files: mapped(texts.files, sha256),
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
