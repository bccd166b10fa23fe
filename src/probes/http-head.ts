/** Lines of an answer's head that are read. */
const linesMax = 200;

export interface Head {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly setCookies: readonly string[];
}

/** The head of an answer and what follows it; null when no whole head is there. */
export function readHead(bytes: Uint8Array): (Head & { readonly body: Uint8Array }) | null {
  let rest = Buffer.from(bytes);
  for (;;) {
    const end = rest.indexOf("\r\n\r\n");
    if (end === -1) return null;
    const head = headOf(rest.subarray(0, end).toString("latin1").split("\r\n"));
    if (head === null) return null;
    rest = rest.subarray(end + 4);
    // "100 Continue" and its kin come before the answer itself (RFC 9110 §15.2).
    if (head.status >= 200 || head.status === 101) return { ...head, body: rest };
  }
}

/** From the lines of one head; null when the first is no status line. */
export function headOf([first = "", ...lines]: readonly string[]): Head | null {
  const status = /^HTTP\/\d(?:\.\d)? (\d{3})(?: |$)/.exec(first)?.[1];
  if (status === undefined) return null;
  const headers = new Map<string, string>();
  const setCookies: string[] = [];
  for (const line of lines.slice(0, linesMax)) {
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "set-cookie") setCookies.push(value);
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(status), headers: Object.fromEntries(headers), setCookies };
}
