import { hostname, userInfo } from "node:os";

/** What the program said of a rollout in this folder, without what differs from one machine and one run to the next. */
export function evenRollout(text: string, folder: string): string {
  return (
    text
      .replaceAll(folder, "/fleet")
      .replaceAll(`${userInfo().username}@${hostname()}`, "deploy@laptop")
      .replaceAll(/\bfix-\d{8}-\d{4}-[0-9a-f]{4}\b/g, "ROLLOUT")
      .replaceAll(/\b[0-9a-f]{64}\b/g, "DIGEST")
      .replaceAll(/\bdigest [0-9a-f]{12}\b/g, "digest DIGEST")
      .replaceAll(/20\d\d-\d\d-\d\d(T| )\d\d:\d\d:\d\d(\.\d+)?Z/g, "TIME")
      .replaceAll(/20\d\d-\d\d-\d\d \(UTC\)/g, "DATE (UTC)")
      .replaceAll(/\b\d\d:\d\d:\d\dZ?/g, "TIME")
      .replaceAll(/\b\d+(\.\d+)? (ms|s|min|h|B|kB|MB|GB)\b/g, "N $2")
      .replaceAll(/\bN (ms|s|min)( N (ms|s))?/g, "N s")
      .replaceAll(/\bN [kMG]?B\b/g, "N B")
      .replaceAll(/^TIME {2}\S+ +asks again in .*\n/gm, "")
      .replaceAll(/\bprocess \d+\b/g, "process N")
      .replaceAll(/^(?: *│| {4}).*$/gm, (line) => line.replaceAll(/(?<=\S) {2,}/g, "  "))
      // The head of a table, whose columns are as wide as what was measured.
      .replaceAll(/^ {16,}(?=\S)/gm, " ".repeat(16))
      .replaceAll(/\S+:\d+:[0-9a-f]{8}$/gm, "RUNNER")
      .replaceAll(/(TIME {2}watch {2}look .*\n)+/g, "TIME  watch  looks …\n")
      .replaceAll(/\bin \d+ looks?\b/g, "in N looks")
  );
}
