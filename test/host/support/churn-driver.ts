import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "../../support/bounded-process.ts";
import { programPath } from "../../support/parts.ts";

/** What a made-up tree holds at one look: when each entry was born, in seconds, by its manifest name. */
export type Living = ReadonlyMap<string, number>;

/** What happens to what is known of one tree. Moments are in seconds. */
export type Event =
  | { readonly is: "quiet"; readonly at: number; readonly holds: Living }
  /** The comparison after a step: it is told what that step took, and what of it is churn. */
  | {
      readonly is: "step";
      readonly at: number;
      readonly key: string;
      readonly before: Living;
      readonly now: Living;
    }
  /** A command under a receipt begins: what lies around it is no quiet window. */
  | { readonly is: "command"; readonly key: string; readonly ended: boolean }
  | { readonly is: "restored" }
  /** A boot of the host: its clock starts again. */
  | { readonly is: "boot" }
  /** Asks which of the entries that were there and are not any more count as churn. */
  | {
      readonly is: "asked";
      readonly at: number;
      readonly key: string;
      readonly before: Living;
      readonly now: Living;
    };

type Format = "find" | "stat";

/** What a restore asks, by whole manifests and by names alone: both must come to the same. */
const asked = `asked() { # before now answer key
  path=/srv/app/t base=$1
  for reach in full brief; do
    plan=$3.$reach
    mkdir -p "$plan"
    if [ "$reach" = full ]; then
      cat "$1" >"$plan/base"
      cat "$2" >"$plan/now"
    else
      briefly "$1" "$plan/base"
      briefly "$2" "$plan/now"
    fi
    compare_lists
    churned "$4"
    sort "$plan/churned" >"$3.$reach.sorted"
  done
  cmp "$3.full.sorted" "$3.brief.sorted" || exit 1
  cat "$3.brief.sorted" >"$3"
}`;

/** Drives the real functions of guard-churn.sh under a clock of its own, with one awk and one shell. */
export class ChurnDriver implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "handrail-churn-"));
  readonly #awk: string;
  readonly #format: Format;
  #lines: string[] = [];
  #files = 0;
  #answers: string[] = [];

  constructor(awk = "mawk", format: Format = "find") {
    this.#awk = awk;
    this.#format = format;
    const bin = join(this.folder, "bin");
    mkdirSync(bin);
    mkdirSync(join(this.folder, "home"));
    symlinkSync(programPath(awk)!, join(bin, "awk"));
  }

  /** Lets all this happen, in order, in one shell; the names that each `asked` calls churn, sorted. */
  tell(events: readonly Event[]): readonly (readonly string[])[] {
    this.#lines = [];
    this.#answers = [];
    for (const event of events) this.#say(event);
    const parts = ["guard-walk.sh", "guard-churn.sh", "guard-churn-rule.sh", "guard-plan.sh"].map(
      (name) => readFileSync(new URL(`../../../src/host/${name}`, import.meta.url), "utf8"),
    );
    const script = [
      "set -u",
      `home=${this.folder}/home nonce=abc boot=one finder=printf`,
      'need_folder() { mkdir -p -- "$1"; }',
      'size_of() { size=$(wc -c <"$1"); echo $((size)); }',
      'now_hundredths() { echo "$clock"; }',
      'date() { echo "$wall"; }',
      ...parts,
      asked,
      ...this.#lines,
    ].join("\n");
    execFileSync(
      this.#awk === "busybox" ? programPath("busybox")! : "/bin/sh",
      [...(this.#awk === "busybox" ? ["sh"] : []), "-c", script],
      {
        env: { PATH: `${this.folder}/bin:/usr/bin:/bin`, LC_ALL: "C", TZ: "UTC0" },
        stdio: ["ignore", "inherit", "inherit"],
      },
    );
    return this.#answers.map((file) =>
      readFileSync(file, "latin1")
        .split("\n")
        .filter((line) => line !== "")
        .toSorted(),
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #say(event: Event): void {
    const say = (line: string): void => void this.#lines.push(line);
    if ("at" in event)
      say(`clock=${Math.round(event.at * 100)} wall=${Math.floor(event.at) + epoch}`);
    switch (event.is) {
      case "quiet":
        say(`saw_quiet /srv/app/t ${this.#manifest(event.holds)}`);
        break;
      case "step":
        {
          const [before, now, changes] = [
            this.#manifest(event.before),
            this.#manifest(event.now),
            this.#name(),
          ];
          say(`know_tree /srv/app/t ${event.key}`);
          say(
            `differences ${before} ${now} ${changes}; find_churn ${event.key} ${changes} ${changes}.churn`,
          );
          say(`note_harm ${changes} ${changes}.churn; saw_step /srv/app/t ${now}`);
        }
        break;
      case "command":
        say(
          `mkdir -p "$home/runs/${event.key}"; echo "1 1 one try" >"$home/runs/${event.key}/started"`,
        );
        if (event.ended) say(`: >"$home/runs/${event.key}/rc"`);
        break;
      case "restored":
        say("note_stir");
        break;
      case "boot":
        say("boot=two");
        break;
      case "asked": {
        const answer = this.#name();
        this.#answers.push(answer);
        const [before, now] = [this.#manifest(event.before), this.#manifest(event.now)];
        say(`asked ${before} ${now} ${answer} ${event.key}`);
        break;
      }
    }
  }

  #manifest(holds: Living): string {
    const file = this.#name();
    const lines = [...holds].map(([name, born]) => {
      const kind = name.endsWith("/") ? "d" : "f";
      const path = kind === "d" ? name.slice(0, -1) : name;
      const time = this.#time(born + epoch);
      return `${kind} 1 644 0 0 10 7 ${time} ${time} ${path}\n`;
    });
    writeFileSync(file, lines.join(""), "latin1");
    return file;
  }

  #time(seconds: number): string {
    if (this.#format === "find") return seconds.toFixed(10);
    return `${new Date(seconds * 1000).toISOString().slice(0, -1)}000000`;
  }

  #name(): string {
    return join(this.folder, `file-${this.#files++}`);
  }
}

/** Seconds since 1970 at moment 0: some day in a leap year. */
const epoch = 1_709_164_800;
