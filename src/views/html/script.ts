/**
 * All that a report's page can't do without a script: unfold at once, find an instance, unfold for
 * print and for a link into something folded. Without it everything is still there to read.
 */
export const script = `"use strict";
{
  const all = () => [...document.querySelectorAll("details")];
  const unfold = document.getElementById("unfold");
  if (unfold) {
    unfold.hidden = false;
    unfold.addEventListener("click", () => {
      const open = all().some((it) => !it.open);
      for (const it of all()) it.open = open;
      unfold.textContent = open ? "Fold all" : "Unfold all";
    });
  }
  const reach = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id === "" ? null : document.getElementById(id);
    if (!target) return;
    for (let it = target; it; it = it.parentElement) if (it.tagName === "DETAILS") it.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reach);
  reach();
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all().filter((it) => !it.open && !("long" in it.dataset));
    for (const it of folded) it.open = true;
  });
  addEventListener("afterprint", () => {
    for (const it of folded) it.open = false;
    folded = [];
  });
  const find = document.getElementById("find");
  if (find) {
    find.parentElement.hidden = false;
    const found = document.getElementById("found");
    find.addEventListener("input", () => {
      const wanted = find.value.trim().toLowerCase();
      let count = 0;
      for (const region of document.querySelectorAll("details.region")) {
        let here = 0;
        for (const row of region.querySelectorAll("tr.lane")) {
          const is = wanted === "" || row.textContent.toLowerCase().includes(wanted);
          row.hidden = !is;
          const story = row.nextElementSibling;
          if (story && story.classList.contains("story")) story.hidden = !is;
          if (is) here += 1;
        }
        count += here;
        if (wanted !== "") region.open = here > 0;
      }
      found.textContent = wanted === "" ? "" : count === 1 ? "1 instance" : count + " instances";
    });
  }
}
`;
