import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** One terminal of its own, in a tmux server of its own. */
export interface Tmux extends AsyncDisposable {
  /** Types a line, and Enter. */
  run(line: string): Promise<void>;
  /** What the screen shows, with colours as escapes (ECMA-48 SGR). */
  screen(): Promise<string>;
  /** The same without. */
  text(): Promise<string>;
}

export async function openTmux(order: {
  readonly columns: number;
  readonly lines: number;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}): Promise<Tmux> {
  const { SSH_AUTH_SOCK: _agent, NO_COLOR: _plain, TMUX: _outer, ...inherited } = process.env;
  const env = { ...inherited, ...order.environment, LANG: "C.UTF-8", PS1: "" };
  // No settings of whoever makes the pictures, and a name that nobody else has.
  const server = ["-L", `handrail-pictures-${process.pid}`, "-f", "/dev/null", "-u"];
  const size = ["-x", String(order.columns), "-y", String(order.lines)];
  const tmux = async (...args: readonly string[]): Promise<string> =>
    (await run("tmux", [...server, ...args], { cwd: order.cwd, env })).stdout;
  await tmux("new-session", "-d", ...size, "env PS1= sh");
  return {
    async run(line) {
      await tmux("send-keys", "-l", line);
      await tmux("send-keys", "Enter");
    },
    screen: () => tmux("capture-pane", "-e", "-p"),
    text: () => tmux("capture-pane", "-p"),
    async [Symbol.asyncDispose]() {
      await tmux("kill-server");
    },
  };
}
