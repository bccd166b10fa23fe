import type { Exchange, ExchangeOrder } from "./http-exchange.ts";
import { headOf } from "./http-head.ts";

/**
 * What came of a request by GNU or BusyBox wget, which say less than curl: where the words do not
 * tell how far it got, nothing is told. With -S both print the head of the answer line by line.
 */
export function wgetExchange(
  order: ExchangeOrder,
  given: {
    readonly tool: "wget" | "busybox";
    /** Its standard error. */
    readonly said: string;
    readonly body: Uint8Array;
  },
): Exchange {
  const { tool, said, body } = given;
  const name = tool === "busybox" ? "BusyBox wget" : "wget";
  const ended = /^exit (\d{1,3})$/m.exec(said)?.[1];
  if (ended === undefined && body.length <= order.bodyBytesMax)
    return { kind: "unable", because: `${name} on the host did not say how it ended` };
  const head = headOf(headLines(said));
  if (head === null) return withoutHead(name, said);
  if (tool === "busybox" && head.status >= 300 && head.status < 400)
    return {
      kind: "unable",
      because: `${name} follows redirects by itself (status ${head.status})`,
    };
  const broke = /closed prematurely|short read|Read error at byte|Connection closed at byte/i;
  const late = ended === killed || /timed out/i.test(said);
  const complete = ended === "0" || body.length > order.bodyBytesMax;
  const good = head.status >= 200 && head.status < 300;
  if (good && !complete) {
    if (!late && !broke.test(said)) return { kind: "unable", because: lastWords(name, said) };
    return {
      kind: "broken",
      stage: "reading",
      timedOut: late,
      interrupted: false,
      code: "",
      message: lastWords(name, said),
      received: body.length,
    };
  }
  return {
    kind: "answered",
    ...head,
    // GNU wget prints what comes with an error, but not with a redirect.
    body:
      good || (tool === "wget" && ended === "8" && head.status >= 400)
        ? body.subarray(0, order.bodyBytesMax)
        : null,
    cut: body.length > order.bodyBytesMax,
    tookMs: took(said),
  };
}

/** 128 and SIGTERM: the time was over. */
const killed = "143";

function withoutHead(name: string, said: string): Exchange {
  const broken = (stage: "connecting" | "waiting", code: string): Exchange => ({
    kind: "broken",
    stage,
    timedOut: stage === "waiting" && /timed out/i.test(said),
    interrupted: false,
    code,
    message: lastWords(name, said),
    received: 0,
  });
  if (/Connection refused/i.test(said)) return broken("connecting", "ECONNREFUSED");
  if (/bad address|unable to resolve/i.test(said)) return broken("connecting", "ENOTFOUND");
  if (/error getting response|No data received|Read error .* in headers/i.test(said))
    return broken("waiting", "");
  return { kind: "unable", because: lastWords(name, said) };
}

/** Both indent each line of a head by two spaces; only the first answer is looked at. */
function headLines(said: string): readonly string[] {
  const lines = said.split("\n").map((line) => line.replace(/\r$/, ""));
  const first = lines.findIndex((line) => /^ *HTTP\/\d/.test(line));
  if (first === -1) return [];
  const rest = lines.slice(first + 1);
  const end = rest.findIndex((line) => !line.startsWith("  ") || /^ *HTTP\/\d/.test(line));
  return [lines[first]!, ...(end === -1 ? rest : rest.slice(0, end))].map((line) => line.trim());
}

/** By the host's own steady clock, which both have to a hundredth of a second. */
function took(said: string): number {
  const match = /^took ([\d.]+) ([\d.]+)$/m.exec(said);
  return match === null ? 0 : Math.max(0, Math.round((Number(match[2]) - Number(match[1])) * 1000));
}

function lastWords(name: string, said: string): string {
  const words = said
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^(tool|took|exit) |^Giving up/.test(line))
    .at(-1)
    // GNU wget puts its time and speed first.
    ?.replace(/^[-\d: ]+ \([^)]*\) - /, "");
  return `${name} on the host: ${words ?? "it said nothing"}`;
}
