/** Longest part of a plan's name in a rollout's id. */
const nameMax = 40;

/**
 * The id of a new rollout, as in `kb-4711-redirect-20261123-0312-7f3a`: readable in a shell, safe as
 * a folder's name, in the order of time within a plan. `random`: four hex digits.
 */
export function rolloutId(plan: string, wall: string, random: string): string {
  const slug = plan
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, nameMax)
    .replace(/^-+|-+$/g, "");
  const [date = "", time = ""] = wall.split("T");
  return `${slug || "rollout"}-${date.replaceAll("-", "")}-${time.slice(0, 5).replace(":", "")}-${random}`;
}
