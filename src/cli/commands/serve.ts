import { existsSync } from "node:fs";
import { command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { listenForInterrupts } from "../interrupts.ts";
import type { Io } from "../io.ts";
import { knownSecrets } from "../known-secrets.ts";
import { atJournal, openApp } from "../open-app.ts";
import { switchOption, textOption } from "../options.ts";
import { watchParent } from "../parent-watch.ts";
import { planWords } from "../plan-words.ts";
import { UsageError } from "../refusal.ts";
import { quoted } from "../../core/plan/quoted.ts";
import { printable } from "../../core/printable.ts";

const hostDefault = "127.0.0.1";

/** `handrail serve`: the live page. It looks, and asks only where it was started so. */
export const serve = command({
  usage: "serve",
  describe: "Show the rollouts on a page that follows along, in a browser on this machine",
  options: (parser) =>
    parser
      .option("host", textOption("host", `address to listen on [default: ${hostDefault}]`))
      .option("port", textOption("port", "port to listen on [default: any that is free]"))
      .option(
        "allow-actions",
        switchOption("let the page ask: pause, resume, abort, approve; as who starts this"),
      ),
  run: (args, io) =>
    atJournal(
      args,
      io,
      async ({ app, folder, program }) => {
        const host = args.host ?? hostDefault;
        const port = portOf(args.port ?? "0");
        const { openServer } = await import("../../serve/open-server.ts");
        const { pageWishes } = await import("../page-wishes.ts");
        using interrupts = listenForInterrupts({ process, watchParent, unread: io.unread });
        const server = await openServer({
          journals: await app.journals(),
          host,
          port,
          words: (records) => ({ program, ...planWords(records, io) }),
          secrets: ({ itinerary }) => knownSecrets(itinerary.plan.secrets, io.env),
          wishes: args["allow-actions"] ? pageWishes({ app, io, program }) : null,
          onTrouble: (error) => tellBug(error, io),
        }).catch((error: unknown) => {
          throw notThere(error, { host, port });
        });
        await using opened = server;
        if (opened.isEverywhere)
          throw new UsageError(
            `${host} is every address of this machine, and a page for all of them could not tell whom it was opened by`,
            `name the one that is meant: --host ADDRESS, or leave it at ${hostDefault} and use a tunnel`,
          );
        const { hint, say } = wordsFor(io);
        io.stdout.write(`${opened.address}\n`);
        say(`shows the rollouts of ${folder}; whoever has this address can look at them`);
        if (!existsSync(folder))
          say(
            "no rollout yet; waiting: the first one that begins there is shown at once (--state DIR names the journal of another inventory)",
          );
        say(
          args["allow-actions"]
            ? "and can pause, resume, abort and approve, as the login that started this"
            : "nothing can be changed from the page (--allow-actions lets it ask)",
        );
        if (!opened.isLoopback)
          say(
            `WARNING: the way to ${host} is not encrypted: who can listen there reads the address and all of it. Safer: --host ${hostDefault}, and ssh -L PORT:${hostDefault}:PORT to this machine`,
          );
        hint("Ctrl-C ends it; rollouts go on");
        await new Promise((resolve) => {
          if (interrupts.first.aborted) resolve(null);
          interrupts.first.addEventListener("abort", resolve, { once: true });
        });
        say("only the page has ended: rollouts go on");
        return exitCodes.done;
      },
      // Where there need be none yet: looking makes none, and what begins later is seen.
      openApp,
    ),
});

function wordsFor(io: Io) {
  const say = (text: string): void => {
    io.stderr.write(`${printable(text)}.\n`);
  };
  return { say, hint: (text: string) => say(`  ${text}`) };
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  throw new UsageError(
    `--port takes a number up to 65535, and ${quoted(text)} is none`,
    "leave it out, and any port that is free is taken",
  );
}

/** What `listen` says, in words: listen(2), getaddrinfo(3). */
const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program has it already",
  EACCES: "this user may not have it",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "no machine has that name",
  EAI_AGAIN: "the name could not be looked up",
};

function notThere(
  error: unknown,
  { host, port }: { readonly host: string; readonly port: number },
) {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const why = reasons[code];
  if (why === undefined) return error;
  const what = port === 0 ? host : `port ${port} of ${host}`;
  return new UsageError(
    `can't listen on ${what}: ${why}`,
    "choose another with --port or --host, or leave both out",
  );
}

/** Nobody at a page can do anything about it; who sits at the terminal can report it. */
function tellBug(error: unknown, io: Io): void {
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.stderr.write(`${printable(`handrail serve: this is a bug in Handrail: ${words}`)}\n`);
}
