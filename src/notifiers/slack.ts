import type { NotifierKind } from "../ports/notifier.ts";
import { hostOf, webAddress } from "./address-args.ts";
import { postJson, postTimeoutMs } from "./post-json.ts";

const args = webAddress.describe(
  "An incoming webhook of Slack, or of anything that takes the same (Mattermost, Rocket.Chat).",
);

/** `slack: "https://hooks.slack.com/…"`. Told when the answer is any 2xx. */
export const slack = slackWithin(postTimeoutMs);

/** The same with another bound, in milliseconds, so that a test need not wait for the real one. */
export function slackWithin(timeoutMs: number): NotifierKind<string> {
  return {
    name: "slack",
    args,
    escape: slackText,
    receiver: (url) => `slack at ${hostOf(url)}`,
    tell(url, { severity, text, written }, signal) {
      const said = written ?? `[${severity}] ${slackText(text)}`;
      // What a host printed becomes no link with a picture, and without a template no mark counts.
      const message = {
        text: said,
        mrkdwn: written !== null,
        unfurl_links: false,
        unfurl_media: false,
      };
      const body = JSON.stringify(message);
      return postJson({ url, headers: new Headers(), body, what: "Slack", timeoutMs, signal });
    },
  };
}

/**
 * Text in which nothing means anything to Slack: the three characters of its control sequences (links,
 * mentions) are escaped as https://docs.slack.dev/messaging/formatting-message-text asks. Others call
 * everybody at a bare `@all`: a character of no width behind the `@` makes it text.
 */
export function slackText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/@(?=all|channel|everyone|group|here)/gi, "@\u200b");
}
