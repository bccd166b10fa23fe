import type { Picture, PictureFinding, PictureVerdict } from "../picture/picture.ts";
import { counted, size } from "../wording.ts";
import { anchor } from "./looks.ts";
import { type Markup, markup, when } from "./markup.ts";
import { timeOfDay } from "./times-markup.ts";

/** What was compared after steps, with the files of those that broke a contract. */
export function verdicts({ verdicts: { broken, brokenCut, kept } }: Picture): Markup {
  const good = `${counted(kept, "verdict")} found nothing: every contract was kept.`;
  return markup`<section id="verdicts" aria-labelledby="h-verdicts">
<h2 id="h-verdicts">Verdicts</h2>
${broken.map(verdict)}
${when(brokenCut > 0, () => markup`<p class="card">And ${counted(brokenCut, "more verdict")} with findings: the journal has them.</p>`)}
<p class="card">${kept === 0 && broken.length === 0 ? "None: no step was compared with its snapshot." : good}</p>
</section>`;
}

function verdict(it: PictureVerdict): Markup {
  const on = it.host === null || it.host === it.instance ? "" : ` on ${it.host}`;
  return markup`<article class="card tone-bad">
<h3><span aria-hidden="true">✖</span> <a href="#${anchor("instance", it.instance)}">${it.instance}</a>${on}, step ${it.stepNumber} “${it.step}”: contract broken</h3>
<p class="quiet">${timeOfDay(it.atMs, it.timezone)}</p>
${it.findings.map(finding)}
</article>
`;
}

function finding(it: PictureFinding): Markup {
  return markup`<p>${it.message} <code class="quiet">${it.code}</code></p>
<p class="quiet">protected path <code>${it.path}</code>, policy ${it.policy}</p>
${when(
  it.files.length > 0,
  () =>
    markup`<table class="plain files" aria-label="Files of this finding"><thead><tr><th scope="col">what</th><th scope="col">path</th><th scope="col">size before</th></tr></thead><tbody>${it.files.map((file) => markup`<tr><td>${file.class}</td><td><code>${file.path}</code></td><td class="number">${size(file.bytes)}</td></tr>`)}</tbody></table>`,
)}${when(it.more > 0, () => markup`<p class="quiet">and ${counted(it.more, "more path")}</p>`)}`;
}
