import type { YAMLError } from "yaml";
import { quoted } from "./quoted.ts";

type Words = readonly [message: string, suggestion: string | null];

/**
 * YAML's complaints in the words of somebody who has never read its grammar. `rest` is the text
 * from the place of the error on, `line` the whole line that it is on.
 */
export function yamlWords(error: YAMLError, rest: string, line: string): Words {
  const word = quoted(/^[^\s:,\]}]+/.exec(rest)?.[0] ?? rest.slice(0, 1));
  // The commonest slip: inside [ ] and { } a brace is YAML's own, unless it is in quotes.
  const braces = /[:,[{]\s*[^"'\s#]*\$\{/.test(line)
    ? "put texts with ${…} in quotes inside [ ] and { }"
    : null;
  const nested: Words = [
    'a second ": " on one line, or a line indented under a value',
    braces ?? 'put a text that holds ": " in quotes, or indent it like its neighbours',
  ];
  const words: Partial<Record<YAMLError["code"], Words>> = {
    DUPLICATE_KEY: [`${word} is written twice in the same place`, "keep one of the two"],
    TAB_AS_INDENT: ["a tab is used to indent", "indent with spaces"],
    MULTIPLE_DOCS: ["a second document begins here", "keep one document in a file"],
    BAD_INDENT: ["this line is indented differently from what it belongs to", braces],
    BLOCK_AS_IMPLICIT_KEY: nested,
    MULTILINE_IMPLICIT_KEY: nested,
    BAD_SCALAR_START: [`a text can't begin with ${quoted(rest.slice(0, 1))}`, "put it in quotes"],
    MISSING_CHAR: [
      error.message.includes("closing")
        ? "a quote is not closed"
        : 'a ":" is missing, or this line is indented differently from the one before',
      braces,
    ],
    NON_STRING_KEY: line.includes("{{")
      ? [
          "a template stands here that Handrail does not know",
          "write ${name} instead of {{ name }}, in quotes",
        ]
      : ["a key must be a text", braces],
    UNEXPECTED_TOKEN: [`${word} can't stand here`, braces],
    TAG_RESOLVE_FAILED: [`the tag ${word} means nothing here`, "leave the tag out"],
    BAD_DIRECTIVE: ["this directive means nothing here", "leave the line out"],
    RESOURCE_EXHAUSTION: ["the file is nested too deeply to be read", null],
  };
  return words[error.code] ?? [`this is not YAML: ${lowerFirst(error.message)}`, braces];
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
