/** Where a command prints to: a stream of the process, or what a test reads. */
export interface TextOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}
