import { Buffer } from "node:buffer";

/**
 * Text for a shell, one character a byte (latin1): paths on a host are bytes, and a shell in the C
 * locale takes them as such.
 */
export type ShellText = string;

/** A word that a POSIX shell reads back as exactly these bytes. A zero byte can't be in a word. */
export function word(value: string | Uint8Array): ShellText {
  const text = shellText(value);
  if (text.includes("\0")) throw new Error("a shell word can't hold a zero byte");
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** These words as one command. */
export function command(...words: readonly (string | Uint8Array | number)[]): ShellText {
  return words.map((each) => (typeof each === "number" ? String(each) : word(each))).join(" ");
}

/** Assignments that set and export these variables, to be read by `eval`. */
export function exported(env: Readonly<Record<string, string>>): ShellText {
  return Object.entries(env)
    .map(([name, value]) => {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
        throw new Error(`"${name}" can't name an environment variable`);
      return `export ${name}=${word(value)}; `;
    })
    .join("");
}

/** One character a byte: UTF-8 for text, bytes as they are. */
export function shellText(value: string | Uint8Array): ShellText {
  return (typeof value === "string" ? Buffer.from(value) : Buffer.from(value)).toString("latin1");
}

/** The bytes of a shell text. */
export function shellBytes(text: ShellText): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** Words for people that are kept as one line of a file. */
export function inOneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, " ");
}
