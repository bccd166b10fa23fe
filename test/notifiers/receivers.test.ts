import { expect, test } from "vitest";
import { receiverWords } from "../../src/cli/notice-rows.ts";
import { noticeKinds } from "../../src/core/plan/notice.ts";

const hidden = "S3CRET";

test.each<[string, unknown, string]>([
  [
    "webhook",
    { url: `https://status.example.com:8443/${hidden}?t=${hidden}` },
    "webhook to status.example.com:8443",
  ],
  [
    "webhook",
    { url: `https://ann:${hidden}@status.example.com/` },
    "webhook to status.example.com",
  ],
  ["webhook", { url: "${secret.hook}" }, "webhook to the address in secret hook"],
  ["webhook", { url: "https://${host}/x" }, "webhook to ${host}"],
  ["slack", `https://hooks.slack.com/services/T0/B0/${hidden}`, "slack at hooks.slack.com"],
  ["slack", "${secret.slack}", "slack at the address in secret slack"],
  [
    "email",
    { smtp: "smtp://mail", from: "h@example.com", to: ["ops@example.com", "cn@example.com"] },
    "email to ops@example.com, cn@example.com",
  ],
  ["command", ["./announce", "--token", hidden], "command ./announce"],
  // As a journal of another version may have it.
  ["pager", { key: hidden }, "pager"],
  ["webhook", { address: hidden }, "webhook"],
])("%s with %j reaches %s", async (kind, args, words) => {
  const receiver = await receiverWords();
  expect(receiver({ on: noticeKinds, kind, args })).toBe(words);
});
