import { createHash } from "node:crypto";
import { shown } from "../../core/printable.ts";
import type { Picture } from "../picture/picture.ts";
import { body, type BodyOptions, parts } from "./body.ts";
import { markup, trusted } from "./markup.ts";
import { reportMark } from "./report-mark.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";

/** Nothing is loaded from anywhere, nothing is sent, and no script or style runs but these two. */
const policy = [
  "default-src 'none'",
  `style-src '${hashOf(style)}'`,
  `script-src '${hashOf(script)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** A source expression of Content Security Policy (CSP Level 3, §2.3.1). */
function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

/** One file that needs no other: opens from a disk, an e-mail or a ticket, without a network. */
export function page(picture: Picture, options: BodyOptions = {}): string {
  const { word, plan, rollout } = picture.head;
  const title = `${word}: ${plan} (${rollout})`;
  const links = parts
    .filter(([id]) => id !== "notices" || picture.notices !== null)
    .map(([id, name]) => markup`<li><a href="#${id}">${name}</a></li>`);
  const around = [
    markup`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="handrail">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<nav aria-label="Parts of this report"><ul>${links}</ul><button type="button" id="unfold" hidden>Unfold all</button></nav>
`,
    markup`
<footer><p>Made by Handrail from the journal of <code>${rollout}</code>, ${picture.head.records} records. Nothing in this file is loaded from elsewhere.</p></footer>
<script>${trusted(script)}</script>
</body>
</html>
`,
  ];
  const [before, after] = around.map((piece) => shown(piece.toString()));
  return `${reportMark}\n${before}${body(picture, options).toString()}${after}`;
}
