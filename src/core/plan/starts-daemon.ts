import { forEachChild, parse, type Command, type SyntaxNode } from "unbash";

/** Longer texts, and shells in shells deeper than this, are only searched for telling words. */
const textMax = 64 * 1024;
const depthMax = 4;

/** Programs whose whole purpose is that something stays behind. */
const daemonizers =
  /^(nohup|setsid|daemon|daemonize|start-stop-daemon|disown|service|rc-service|invoke-rc\.d)$/;

/** What is started by these runs elsewhere, out of reach of the step's own mounts. */
const askers = /^(systemctl|systemd-run|docker|podman|kubectl|crictl|supervisorctl|initctl)$/;

/** Programs that take a command line as one word. */
const shells = /^(sh|bash|dash|ash|ksh|su|sudo|runuser|doas|eval|env)$/;

/**
 * Does this command line or shell script start something that goes on running after it, as far as
 * its text tells: `&` without a `wait` for everything, `nohup`, `setsid`, `start-stop-daemon`, an
 * init script, or a program that is told to start? Says yes when in doubt: a daemon that is started
 * with protected paths read-only can't write them for as long as it lives.
 */
export function startsDaemon(text: string): boolean {
  return startsOne(text, 0);
}

function startsOne(text: string, depth: number): boolean {
  if (text.length > textMax || depth > depthMax) return hasTellingWords(text);
  let found = false;
  let unreadable = false;
  let lastBackground = -1;
  let lastWait = -1;

  function visit(node: SyntaxNode, inner: boolean): void {
    if (found) return;
    if (node.type === "Script" && (node.errors ?? []).length > 0) unreadable = true;
    // What a subshell leaves in the background is nobody's to wait for.
    const nested = node.type === "Script" && node.pos > 0;
    const apart = inner || nested || node.type === "Subshell";
    if (node.type === "Statement" && node.background === true) {
      if (apart) found = true;
      lastBackground = Math.max(lastBackground, node.pos);
    }
    if (node.type === "Command") {
      if (node.name?.value === "wait" && node.suffix.length === 0 && !apart)
        lastWait = Math.max(lastWait, node.pos);
      if (commandStarts(node, depth)) found = true;
    }
    if (node.type === "Coproc") found = true;
    forEachChild(node, (child) => visit(child, apart));
  }

  try {
    visit(parse(text), false);
  } catch {
    return hasTellingWords(text);
  }
  return found || lastBackground > lastWait || (unreadable && hasTellingWords(text));
}

function commandStarts(node: Command, depth: number): boolean {
  const words = [node.name, ...node.suffix].flatMap((part) =>
    part !== undefined && "value" in part && typeof part.value === "string" ? [part.value] : [],
  );
  const [name = "", ...rest] = words;
  const program = lastPart(name);
  if (words.some((word) => daemonizers.test(lastPart(word)))) return true;
  if (words.some((word) => word.startsWith("/etc/init.d/") || word.startsWith("/etc/rc.d/")))
    return true;
  if (words.some((word) => askers.test(lastPart(word)))) return false;
  if (/^(re)?start/.test(program)) return true;
  if (rest.some((word) => word === "start" || word === "restart")) return true;
  if (!shells.test(program)) return false;
  return rest.some((word) => /\s/.test(word) && startsOne(word, depth + 1));
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** For what is no shell text: a script of another language may have the same programs started. */
function hasTellingWords(text: string): boolean {
  return /\b(nohup|setsid|daemonize|start-stop-daemon)\b|(^|[^&|<>])&[ \t]*($|[;)#])/m.test(text);
}
