import type { FindingId } from "../../src/core/static-review/finding.ts";

/**
 * For a step that does harm on purpose, so that what happens then can be seen: without it the static
 * review would refuse the plan before anything is touched.
 */
export function meant(finding: FindingId): string {
  return `accept: [{ finding: ${finding}, reason: this harm is what the test is about }]`;
}
