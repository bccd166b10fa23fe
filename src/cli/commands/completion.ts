import { command } from "../command.ts";
import { completionScripts, type Shell, shells } from "../completion-scripts.ts";
import { exitCodes } from "../exit-codes.ts";

/** `handrail completion bash|zsh|fish`: the script that lets a shell complete command lines. */
export const completion = command({
  usage: "completion <shell>",
  describe:
    "Print a script that lets bash, zsh or fish complete command lines, rollouts and instances",
  options: (parser) =>
    parser.positional("shell", {
      choices: shells,
      demandOption: true,
      describe: "whose script; its first lines say where to put it",
    }),
  run: ({ shell }: { readonly shell: Shell }, io) => {
    io.stdout.write(completionScripts[shell]);
    return Promise.resolve(exitCodes.done);
  },
});
