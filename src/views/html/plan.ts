import type { Picture } from "../picture/picture.ts";
import type { StepOutline } from "../picture/plan-outline.ts";
import { counted, size } from "../wording.ts";
import { type Markup, markup, type Piece, when } from "./markup.ts";

/** The plan as it ran: frozen when the rollout opened. */
export function plan({ plan: it }: Picture): Markup {
  return markup`<section id="plan" aria-labelledby="h-plan">
<h2 id="h-plan">Plan, as run</h2>
<div class="card"><h3>${it.name}</h3>${when(it.summary !== "", () => markup`<p>${it.summary}</p>`)}<p class="quiet">digest <code>${it.digest}</code></p>
<ol class="steps">${it.steps.map(step)}</ol></div>
<div class="card"><h3>Protected paths</h3>${
    it.protect.length === 0
      ? markup`<p>None.</p>`
      : table(
          ["path", "policy"],
          it.protect.map(({ path, policy }) => [markup`<code>${path}</code>`, policy]),
        )
  }</div>
<div class="card"><h3>Rules</h3><dl class="facts">${it.rules.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></div>
<div class="card"><h3>Probes</h3>${
    it.probes.length === 0
      ? markup`<p>None.</p>`
      : table(
          ["probe", "surface", "kind", "from", "every"],
          it.probes.map((probe) => [probe.name, probe.surface, probe.kind, probe.on, probe.every]),
        )
  }</div>
${when(
  it.checks.length > 0,
  () =>
    markup`<div class="card"><h3>Checks before anything was touched</h3>${table(
      ["check", "why", "command"],
      it.checks.map((check) => [check.name, check.why, markup`<code>${check.run}</code>`]),
    )}</div>`,
)}
${when(
  it.files.length > 0,
  () =>
    markup`<details class="card" id="plan-files"><summary>${counted(it.files.length + it.filesCut, "file")} that the plan refers to</summary>${table(
      ["file", "mode", "size", "sha256"],
      it.files.map((file) => [
        file.path,
        file.mode,
        size(file.bytes),
        markup`<code>${file.sha256}</code>`,
      ]),
    )}${when(it.filesCut > 0, () => markup`<p class="quiet">and ${counted(it.filesCut, "more file")}</p>`)}</details>`,
)}
${when(
  it.source !== null,
  () =>
    markup`<details class="card" id="plan-source" data-long><summary>The whole plan after parsing, defaults filled in</summary><pre tabindex="0" aria-label="The whole plan">${it.source}</pre></details>`,
)}
</section>`;
}

function step(it: StepOutline): Markup {
  const not = when(
    !it.reversible,
    () =>
      markup` <span class="badge tone-bad"><span aria-hidden="true">!</span> not reversible</span>`,
  );
  const text = when(
    it.text !== "",
    () => markup`<pre tabindex="0" aria-label="What step ${it.number} does">${it.text}</pre>`,
  );
  return markup`<li><h4>${it.name} <span class="quiet">${it.kind}</span>${not}</h4>${text}<dl class="facts">${it.facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></li>`;
}

function table(names: readonly string[], rows: readonly (readonly Piece[])[]): Markup {
  return markup`<table class="plain"><thead><tr>${names.map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead><tbody>${rows.map((row) => markup`<tr>${row.map((cell) => markup`<td>${cell}</td>`)}</tr>`)}</tbody></table>`;
}
