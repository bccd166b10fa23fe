/**
 * A hint in which handrail is called as it was here. Hints say `handrail VERB` wherever they are
 * made, because nobody there knows how the program was started and where its journal is.
 */
export function asCalled(hint: string, program: string): string {
  return hint.replace(/(?<![\w./-])handrail (?=-?-?[a-z])/g, () => `${program} `);
}
