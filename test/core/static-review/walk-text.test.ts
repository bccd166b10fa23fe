import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reviewProgram } from "../../../src/core/static-review/review-program.ts";
import { walkText } from "../../../src/core/static-review/walk-text.ts";
import { type ShellScope } from "../../../src/core/static-review/shell-scope.ts";
import { textValue } from "../../../src/core/static-review/shell-value.ts";

function scope(): ShellScope {
  return {
    variables: new Map([["home", [textValue("/srv/app")]]]),
    lists: new Map(),
    functions: new Map(),
    folder: [textValue("/")],
    words: [[textValue("one")], [textValue("two words")]],
    input: null,
    made: new Map(),
    atEnd: new Map(),
    calls: 0,
    ended: null,
  };
}

/** What is done to which path, in the order of the walk; twice in a loop is once. */
function deeds(text: string): readonly string[] {
  const all = walkText(text, scope()).deeds.map(({ does, path, own }) => {
    return `${does} ${path.shown}${own === null ? "" : ` (its own, ${own})`}`;
  });
  return [...new Set(all)];
}

function notes(text: string): readonly string[] {
  return [...new Set(walkText(text, scope()).notes.map(({ id, about }) => `${id}: ${about}`))];
}

// text → what is done
const resolved: readonly (readonly [string, readonly string[]])[] = [
  // words and variables
  ["rm '/srv/a b' \"/srv/c\"/d", ["deletes /srv/a b", "deletes /srv/c/d"]],
  ['a=/srv; b="$a/x"; rm "${b}/y"', ["deletes /srv/x/y"]],
  ["rm ${none:-/srv/x} ${home:-/other}/y", ["deletes /srv/x", "deletes /srv/app/y"]],
  ["a=; rm /srv/${a:-x}", ["deletes /srv/x"]],
  [
    "f=/srv/x/y.tar.gz; rm ${f%.gz} ${f%%.*} ${f##*/} ${f%/*}",
    ["deletes /srv/x/y.tar", "deletes /srv/x/y", "deletes /y.tar.gz", "deletes /srv/x"],
  ],
  ["rm $none/x", ["deletes $none/x"]],
  ['rm "" /srv/x', ["deletes /srv/x"]],
  ['all="/srv/a /srv/b"; rm $all', ["deletes /srv/a", "deletes /srv/b"]],
  ['all="/srv/a /srv/b"; rm "$all"', ["deletes /srv/a /srv/b"]],
  [
    'rm "/srv/$1" "/srv/$2" "/srv/$3"',
    ["deletes /srv/one", "deletes /srv/two words", "deletes /srv/$3"],
  ],
  ['for a in "$@"; do rm "/srv/$a"; done', ["deletes /srv/one", "deletes /srv/two words"]],
  ['shift; rm /srv/"$1"', ["deletes /srv/two words"]],
  ["set -- x y; rm /srv/$2", ["deletes /srv/y"]],
  ["rm /srv/{a,b}", ["deletes /srv/a", "deletes /srv/b"]],
  ['a=(/srv/a /srv/b); rm "${a[@]}"', ["deletes /srv/a", "deletes /srv/b"]],
  ['a=(-f /srv/a); a+=("/srv/b"); rm "${a[@]}"', ["deletes /srv/a", "deletes /srv/b"]],
  ['a=(rm -f); if x; then a+=(/srv/a); fi; "${a[@]}" /srv/b', ["deletes /srv/a", "deletes /srv/b"]],
  ["IFS=:; a=/srv/a:/srv/b; rm $a", ["deletes /srv/a", "deletes /srv/b"]],
  [
    "rm $(printf '%s/%s' /srv x) $(printf '%s.%s\\n' /a b /c d)",
    ["deletes /srv/x", "deletes /a.b", "deletes /c.d"],
  ],
  ["grep -rl x /srv/d | xargs rm", ["deletes /srv/d/[what grep finds]"]],
  ["grep -l x /srv/d/* | xargs rm", ["deletes /srv/d/*"]],
  ["rm -- -f", ["deletes /-f"]],
  ["rm /srv/a/../b/./c//d/", ["deletes /srv/b/c/d"]],
  ["rm /../../etc", ["deletes /etc"]],
  ["rm x", ["deletes /x"]],
  ["rm /$none", ["deletes /$none"]],
  ["rm $(echo /srv/x) `dirname /srv/y/z`", ["deletes /srv/x", "deletes /srv/y"]],
  // where it is
  ["cd /srv; rm x", ["deletes /srv/x"]],
  ["cd /srv && cd app && rm x", ["deletes /srv/app/x"]],
  ["(cd /srv; rm x); rm y", ["deletes /srv/x", "deletes /y"]],
  ["cd /srv | true; rm y", ["deletes /y"]],
  ["if true; then cd /srv; fi; rm x", ["deletes /srv/x", "deletes /x"]],
  ["cd /srv || exit 1; rm x", ["deletes /srv/x"]],
  ["a || cd /srv && rm x", ["deletes /x", "deletes /srv/x"]],
  ["cd /srv || cd /opt || exit 1; rm x", ["deletes /srv/x", "deletes /opt/x"]],
  ["cd /srv; rm $PWD/x", ["deletes /srv/x"]],
  // branches and loops
  [
    "if a; then d=/a; elif b; then d=/b; else d=/c; fi; rm $d",
    ["deletes /a", "deletes /b", "deletes /c"],
  ],
  ["case $x in a) rm /a ;; b) rm /b ;; esac", ["deletes /a", "deletes /b"]],
  ["false && rm /a || rm /b", ["deletes /a", "deletes /b"]],
  ["exit 0; rm /a", []],
  ["if x; then exit 0; fi; rm /a", ["deletes /a"]],
  ["while x; do break; rm /a; done; rm /b", ["deletes /b"]],
  ["while rm $d; do d=/b; done", ["deletes $d", "deletes /b"]],
  ["rm /a & wait", ["deletes /a"]],
  ["! rm /a", ["deletes /a"]],
  ["{ rm /a; } > /b", ["overwrites /b", "deletes /a"]],
  ["x=$(rm /a)", ["deletes /a"]],
  // functions
  ['f() { rm "/srv/$1"; }; f x; f y', ["deletes /srv/x", "deletes /srv/y"]],
  ["f() { return; rm /a; }; f; rm /b", ["deletes /b"]],
  ["f() { exit; }; f; rm /b", []],
  ["f() { d=/srv; }; f; rm $d/x", ["deletes /srv/x"]],
  ["f() { local d=/srv; rm $d/x; }; f", ["deletes /srv/x"]],
  ["f() { f; }; f", []],
  ["rm() { echo; }; rm /srv/x", []],
  ["if x; then r=rm; else r=unlink; fi; $r /srv/x", ["deletes /srv/x"]],
  ['r="rm -f"; $r /srv/x', ["deletes /srv/x"]],
  // what runs something else
  ["sudo -u root -- rm /a", ["deletes /a"]],
  ["sudo d=/srv sh -c 'rm $d/x'", ["deletes /srv/x"]],
  ["env -i -C /srv d=1 rm x", ["deletes /srv/x"]],
  ["nohup nice -n 5 ionice -c 3 timeout 10 rm /a", ["deletes /a"]],
  ["sh -euc 'rm \"$1\"' name /srv/x", ["deletes /srv/x"]],
  ["bash <<< 'rm /a'", []],
  ["eval 'rm /a'", ["deletes /a"]],
  ['sh -c "rm $none/x"', ["deletes $none/x"]],
  ["echo 'rm /a' | sh", ["deletes /a"]],
  ["trap 'rm /a' EXIT; trap - EXIT", []],
  ["d=/a; trap 'rm $d' EXIT; d=/b", ["deletes /b"]],
  ["flock /lock rm /a", ["deletes /a"]],
  ["flock /lock -c 'rm /a'", ["deletes /a"]],
  ["xargs -a list rm", ["deletes [its input]"]],
  ["printf '%s\\n' /a /b | xargs rm", ["deletes /a", "deletes /b"]],
  ["echo /a | xargs -I{} rm {}/x", ["deletes /a/x"]],
  ["find /srv -exec rm {} \\;", ["deletes /srv/[what find finds]"]],
  ["find /srv -maxdepth 1 -name '*.old' -delete", ["deletes /srv/*.old"]],
  // what is its own
  ["d=$(mktemp -d); rm -rf $d", ["deletes [a new temporary path] (its own, surely)"]],
  ["d=$(mktemp -d); rm -rf $d/..", ["deletes [a new temporary path]/.."]],
  [
    "d=$(mktemp -d); rm -rf $(dirname $d) /$(basename $d)",
    ["deletes [folder of it]", "deletes /[name of it]"],
  ],
  ["d=$(/opt/mktemp -d); rm -rf $d", ["deletes $(/opt/mktemp -d)"]],
  ["mkdir /srv/x; rm -rf /srv/x/y", ["deletes /srv/x/y (its own, surely)"]],
  ["mkdir -p /srv/x; rm -rf /srv/x", ["deletes /srv/x (its own, folder)"]],
  ["rm /srv/x; mkdir /srv/x", ["deletes /srv/x"]],
  ["if a; then mkdir /srv/x; fi; rm /srv/x", ["deletes /srv/x (its own, folder)"]],
  ["a > /srv/x; rm /srv/x", ["overwrites /srv/x", "deletes /srv/x (its own, file)"]],
  // redirections
  [
    "a > /x >> /y 2> /z < /in 2>&1 &> /w",
    ["overwrites /x", "overwrites /y", "overwrites /z", "overwrites /w"],
  ],
  ["> /x", ["empties /x"]],
  ["cat /dev/null > /x", ["empties /x"]],
  // operands
  ["cp /a /b /dir", ["overwrites /dir/a", "overwrites /dir/b"]],
  ["cp /a /dir/", ["overwrites /dir/a"]],
  ["cp -T /a /b", ["overwrites /b"]],
  ["cp -t /dir /a", ["overwrites /dir/a"]],
  ["cp /dev/null /b", ["empties /b", "empties /b/null"]],
  ["mv -T /a /b", ["deletes /a", "overwrites /b"]],
  ["ln -s /a /b", []],
  ["ln -sfT /a /b", ["replaces /b"]],
  ["chmod -R 700 /a /b", ["changes-mode /a", "changes-mode /b"]],
  ["chmod -x /a; chmod --reference=/c /b", ["changes-mode /a", "changes-mode /b"]],
  ["chattr -i /a; chattr -R +i /b", ["changes-mode /a", "changes-mode /b"]],
  ["setfacl -R -m u:x:r /a", ["changes-mode /a"]],
  ["sudo -i <<E\nrm /a\nE", ["deletes /a"]],
  ["sed -n p /a", []],
  ["sed -i.bak -e s/a/b/ /a", ["changes /a"]],
  ["sort -u -o /b /a", ["overwrites /b"]],
  ["rsync -a --delete a/ host:/srv/", []],
  ["tar -xf /a -C /srv", ["overwrites /srv"]],
  ["tar -tf /a -C /srv", []],
  ["git -C /srv clean -fd; git -C /srv status", ["deletes /srv"]],
  ["dd if=/a of=/b", ["overwrites /b"]],
  ["mount -o remount,rw /", []],
  ["umount /srv", ["hides /srv"]],
];

describe("a walk through a text finds what is done to which path", () => {
  test.each(resolved)("%s", (text, expected) => {
    expect(deeds(text)).toEqual(expected);
  });
});

// text → what must be asked about
const asked: readonly (readonly [string, readonly string[]])[] = [
  ["curl -s https://x | sh", ["network-into-shell: a shell reads it as commands"]],
  [
    "curl -s https://x | sudo bash -s -- --yes",
    ["network-into-shell: a shell reads it as commands"],
  ],
  ['eval "$(curl -s https://x)"', ["network-into-shell: $(curl …)"]],
  ["curl -o /tmp/x https://x; chmod +x /tmp/x; /tmp/x", ["network-into-shell: /tmp/x"]],
  ['eval "$x"', ["evaluates-text: $x"]],
  [". /etc/default/app", ["reads-commands: /etc/default/app"]],
  ["sh /opt/fix.sh", ["reads-commands: /opt/fix.sh"]],
  ["python3 -c 'x'", ["other-language: python3"]],
  ["awk '{ system(\"rm \" $1) }' list", ["other-language: awk"]],
  ["awk '{ print $1 }' list", []],
  ["/opt/app/bin/clear", ["unknown-program: /opt/app/bin/clear"]],
  ["/opt/app/bin/ls", ["unknown-program: /opt/app/bin/ls"]],
  ["/usr/bin/ls; /bin/cat x", []],
  ["$tool x", ["unknown-program: $tool"]],
  ["xargs rm < list", ["unknown-input: rm"]],
  ["systemctl restart app; systemctl status app", ["restarts: systemctl restart app"]],
  ["/etc/init.d/app restart", ["restarts: app restart"]],
  ["service app status", []],
  ["kill -0 1; kill 1", ["ends-processes: kill 1"]],
  ["mkfs.ext4 /dev/sdb", ["changes-disks: mkfs.ext4 /dev/sdb"]],
  ["dpkg -l; dpkg -i x.deb", ["installs-packages: dpkg -i x.deb"]],
  ["docker ps; docker rm x", ["runs-elsewhere: docker rm x"]],
  ["if true; then", ["unreadable: expected command after 'then'"]],
  [
    "constructor; toString; __proto__",
    ["unknown-program: constructor", "unknown-program: toString", "unknown-program: __proto__"],
  ],
];

describe("a walk through a text finds what must be asked about", () => {
  test.each(asked)("%s", (text, expected) => {
    expect(notes(text)).toEqual(expected);
  });
});

describe("a walk has an end, whatever the text", () => {
  const ground = {
    protect: [{ path: "/srv/app", written: "/srv/app", policy: { kind: "keep" } as const }],
    writes: [],
    allow: [],
  };
  const review = (text: string) =>
    reviewProgram({
      program: { text, interpreter: ["bash"], args: [], file: null },
      variables: new Map(),
      home: null,
      folder: "/",
      ground,
    }).rulings;

  const words = [
    ..."rm cp mv find xargs sh -c -rf -exec {} ; ;; | || & && ( ) { } $( ` \" ' $x ${x%/*} ${x:-y}".split(
      " ",
    ),
    ..."if then else fi for in do done while case esac f() f eval trap EXIT cd .. / /srv/app * [a-z] [ ]".split(
      " ",
    ),
    ..."> >> < <<E E <<< sudo env tar -C x=1 mktemp -d read . set -- shift $@ $1 git sed -i awk ~ \n \\".split(
      " ",
    ),
  ];

  test("of words that are shell, in any order", () => {
    const texts = fc
      .array(fc.constantFrom(...words), { maxLength: 24 })
      .map((all) => all.join(" "));
    fc.assert(
      fc.property(texts, (text) => {
        expect(Array.isArray(review(text))).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test("of any characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect(Array.isArray(review(text))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ["functions that call each other", "f() { g; }; g() { f; }; f", "too often"],
    [
      "a function that calls itself in both branches",
      "f() { if x; then f; else f; fi; }; f",
      "too often",
    ],
    [
      "loops in loops in loops",
      `${"while x; do ".repeat(60)} y; ${"done; ".repeat(60)}`,
      "too many commands",
    ],
    ["a text in a text in a text", `f() { eval "f"; }; f`, ""],
    ["more commands than anybody reads", "true\n".repeat(52_000), "too many commands"],
    ["a text that is too long", `# ${"x".repeat(300_000)}`, "too long"],
  ])("of %s, and it says so", (_, text, about) => {
    const found = review(text);
    expect(found.map(({ id }) => id)).toContain("unreadable");
    expect(found.map(({ message }) => message).join("\n")).toContain(about);
  });

  test.each([
    "(",
    "{ ",
    "if x; then ",
    "$(",
    "`",
    '"$(',
    "${x:-",
    "while x; do ",
    "x && (",
    "! ",
    "f() { ",
  ])("of %j in itself, again and again", (begin) => {
    expect(review(`${begin.repeat(5_000)} rm`).length).toBeGreaterThanOrEqual(0);
  });

  test("of loops in loops and branches in branches", () => {
    const deep = `${"for a in 1 2 3; do ".repeat(12)} rm /srv/app/$a; ${"done; ".repeat(12)}`;
    const wide = Array.from({ length: 40 }, (_, at) => `if x; then a=$a${at}; fi`).join("\n");
    expect(review(deep).length).toBeGreaterThan(0);
    expect(review(`${wide}\nrm -rf "$a"`).length).toBeGreaterThan(0);
  });
});
