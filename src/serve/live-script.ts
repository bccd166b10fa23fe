import { countdownScript } from "./countdown-script.ts";

/**
 * The page's own half of the line: takes states as they are pushed, and makes the page the same without
 * touching what stays: so the place, the focus, what is typed and what is unfolded are kept. Whatever
 * comes is parsed as HTML that the server has made; no script in it would run.
 */
export const liveScript = `"use strict";
{
  const { body } = document;
  const { events } = body.dataset;
  let version = Number(body.dataset.version);
  let lastAt = body.dataset.last ?? "";
  let heardMs = Date.now();
  let lostAt = null;
  let source = null;
  const at = (id) => document.getElementById(id);
${countdownScript}
  const server = serverClock(() => performance.now());
  server.told(Number(body.dataset.now));
  const countAll = () => {
    for (const it of document.querySelectorAll("[data-ends]")) countDown(it, server.nowMs());
  };
  if (location.hash.startsWith("#token=")) history.replaceState(null, "", location.pathname);

  // What the server last said of each <details>: a person's own choice stays until that changes.
  const saidOpen = new WeakMap();
  for (const it of document.querySelectorAll("details")) saidOpen.set(it, it.open);
  const same = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id ?? "") === (b.id ?? "") && a.dataset?.part === b.dataset?.part;
  const setAttributes = (to, from) => {
    const kept = to.nodeName === "INPUT" ? ["value"] : to.nodeName === "DETAILS" ? ["open"] : to.nodeName === "TR" ? ["hidden"] : [];
    for (const { name } of [...to.attributes])
      if (!from.hasAttribute(name) && !kept.includes(name)) to.removeAttribute(name);
    for (const { name, value } of from.attributes)
      if (!kept.includes(name) && to.getAttribute(name) !== value) to.setAttribute(name, value);
    if (to.nodeName !== "DETAILS") return;
    const opens = from.hasAttribute("open");
    if (opens && saidOpen.get(to) === false) to.open = true;
    saidOpen.set(to, opens);
  };
  const known = (node) => {
    for (const it of node.querySelectorAll?.("details") ?? []) saidOpen.set(it, it.open);
    if (node.nodeName === "DETAILS") saidOpen.set(node, node.open);
    return node;
  };
  const become = (to, from) => {
    // The place of a part that comes by itself.
    if (from.dataset?.kept !== undefined) return;
    if (to.isEqualNode(from)) return;
    if (to.nodeType !== 1) {
      if (to.nodeValue !== from.nodeValue) to.nodeValue = from.nodeValue;
      return;
    }
    setAttributes(to, from);
    children(to, from);
  };
  const children = (to, from) => {
    const byId = new Map();
    for (const it of to.children) if (it.id !== "") byId.set(it.id, it);
    let next = to.firstChild;
    for (const wanted of [...from.childNodes]) {
      const old = wanted.id ? byId.get(wanted.id) : undefined;
      if (old && old !== next && same(old, wanted)) {
        // Those before it are gone, not moved: an element that is moved would lose its focus.
        let gone = next;
        while (gone && gone !== old && gone.compareDocumentPosition(old) & 4) {
          const after = gone.nextSibling;
          gone.remove();
          gone = after;
        }
        next = gone === old ? old : next;
      }
      if (next && same(next, wanted)) {
        const here = next;
        next = next.nextSibling;
        become(here, wanted);
      } else to.insertBefore(known(document.importNode(wanted, true)), next);
    }
    while (next) {
      const gone = next;
      next = next.nextSibling;
      gone.remove();
    }
  };
  const parser = new DOMParser();
  const swap = (id, html) => {
    const part = document.querySelector('[data-part="' + id + '"]');
    if (part) children(part, parser.parseFromString("<!doctype html><body>" + html, "text/html").body);
  };

  const answer = at("answer");
  let says = body.dataset.says ?? "";
  const tell = (text, urgent) => {
    if (text === says || text === "") return;
    says = text;
    // What was answered before is of another time now.
    if (answer) answer.textContent = "";
    at(urgent ? "alarm" : "news").textContent = text;
  };
  const setLine = (is, text) => {
    body.dataset.line = is;
    const bar = at("lost");
    if (bar.textContent !== text) bar.textContent = text;
    bar.hidden = text === "";
    tick();
  };
  const clock = () => new Date().toISOString().slice(11, 19) + "Z";
  const heard = () => {
    heardMs = Date.now();
    lostAt = null;
  };
  const words = (ms) => {
    const seconds = Math.max(0, Math.round(ms / 1000));
    if (seconds < 90) return seconds + " s";
    const minutes = Math.round(seconds / 60);
    if (minutes < 90) return minutes + " min";
    return Math.round(minutes / 60) < 48 ? Math.round(minutes / 60) + " h" : Math.round(minutes / 1440) + " days";
  };
  function tick() {
    const is = body.dataset.line;
    const name = is === "live" ? "Live" : is === "trouble" ? "Journal not read" : is === "ended" ? "Ended" : "Not connected";
    at("line").textContent = lastAt === "" ? name : name + ", last record " + words(server.nowMs() - Date.parse(lastAt)) + " ago";
  }

  const lose = (why) => {
    lostAt ??= clock();
    setLine("lost", "Connection lost at " + lostAt + ": what stands here may be old. " + why);
  };
  const open = () => {
    source?.close();
    source = new EventSource(events + "?have=" + version);
    source.addEventListener("open", () => {
      heard();
      server.reopened();
      setLine("live", "");
    });
    source.addEventListener("beat", (event) => {
      heard();
      server.told(JSON.parse(event.data).now);
    });
    source.addEventListener("state", (event) => {
      heard();
      const state = JSON.parse(event.data);
      version = Number(event.lastEventId);
      server.told(state.now);
      for (const [id, html] of Object.entries(state.parts)) swap(id, html);
      countAll();
      document.title = state.title;
      lastAt = state.lastAt ?? "";
      if (state.trouble) setLine("trouble", "The journal can't be read just now: " + state.trouble);
      else setLine("live", "");
      tell(state.says, state.urgent);
    });
    source.addEventListener("bye", () => {
      source.close();
      setLine("ended", "handrail serve has ended at " + clock() + ": start it again, and open the address that it prints. Rollouts are not touched by that.");
    });
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) refused();
      else lose("Trying again …");
    });
  };
  const refused = async () => {
    lose("Trying again …");
    const answer = await fetch(location.pathname, { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (answer?.status === 401 || answer?.status === 404)
      setLine("ended", "handrail serve was started anew: open the address that it printed now.");
    else {
      if (answer?.status === 200) lose("Too many pages are open, perhaps: trying again …");
      setTimeout(open, 5000);
    }
  };
  // A line that is dead without being closed, as after a sleep: nothing was heard for three beats.
  const beatMs = Number(body.dataset.beat);
  setInterval(() => {
    tick();
    if (body.dataset.line === "ended" || Date.now() - heardMs < 3 * beatMs) return;
    heardMs = Date.now();
    lose("Trying again …");
    open();
  }, 1000);
  open();
  tick();
  countAll();
  setInterval(countAll, 250);

  const page = document.querySelector('meta[name="handrail-page"]')?.content;
  const show = (is, says, next) => {
    answer.className = is;
    answer.textContent = says;
    if (!next) return;
    const words = document.createElement("strong");
    words.textContent = next;
    answer.append(" Next: ", words);
  };
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.verb) return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    const { verb, region } = form.dataset;
    const wish = { verb, region: region ?? null, reason: form.elements.reason.value, typed: form.elements.typed?.value ?? "" };
    try {
      const response = await fetch(body.dataset.wishes, {
        method: "POST",
        headers: { "content-type": "application/json", "x-handrail-page": page },
        body: JSON.stringify(wish),
      });
      const { is, says, next } = await response.json();
      show(is, says, next);
      if (is === "asked") {
        form.reset();
        form.closest("details").open = false;
      }
    } catch {
      show("refused", "It is not known whether this was asked: the connection was lost. Look at what is said to be asked, and not heard yet, before you ask again.", null);
    }
    button.disabled = false;
    answer.focus();
  });
}
`;

/** Exchanges the token behind the # for a cookie, and takes it out of the address. */
export const openScript = `"use strict";
{
  const [, token] = /^#token=([A-Za-z0-9_-]+)$/.exec(location.hash) ?? [];
  const answer = document.getElementById("answer");
  if (token !== undefined) {
    history.replaceState(null, "", location.pathname);
    fetch(document.body.dataset.session, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token }),
    }).then(
      async (response) => {
        if (response.ok) location.reload();
        else answer.textContent = (await response.json()).says;
      },
      () => {
        answer.textContent = "The server does not answer any more.";
      },
    );
  }
}
`;
