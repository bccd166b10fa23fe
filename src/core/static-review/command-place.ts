/** Where in a text a command stands; for a text inside a text, where the outer command does. */
export interface CommandPlace {
  /** Characters from the beginning. */
  readonly at: number;
  /** As written. */
  readonly command: string;
}
