import { describe, expect, test } from "vitest";
import { readShellText } from "../../../src/core/plan/shell-text.ts";

const splitting = (text: string) =>
  readShellText(text)
    .uses.filter((use) => use.splits)
    .map((use) => use.name);

describe("where the shell splits a value (POSIX.1-2024, XCU 2.6.5)", () => {
  test.each([
    ["ls $home", ["home"]],
    ["ls ${home}/tmp", ["home"]],
    ['ls "$home"', []],
    ["ls '$home'", []],
    ["$command now", ["command"]],
    ["x=$home; ls", []],
    ["x=$home ls $name", ["name"]],
    ["ls > $home/out", []],
    ["case $home in a) ;; esac", []],
    ["for f in $list; do :; done", ["list"]],
    ["cat <<end\n$home\nend\n", []],
    ['ls "$(cat $home)"', ["home"]],
    ["ls `cat $home`", ["home"]],
    ["ls ${#home}", []],
    ["ls ${home:-$name}", ["home", "name"]],
    ["if test -e $home; then ls; fi | cat $name", ["home", "name"]],
    ["f() { ls $home; }; f", ["home"]],
    ["(cd $home && ls)", ["home"]],
  ])("%j tears %j", (text, names) => {
    expect(splitting(text)).toEqual(names);
  });
});

test("names that the command gives a value itself are known", () => {
  const text = "a=1; for b in x; do read -r c d; done; export e; : ${f:=1}; getopts :x g";
  expect([...readShellText(text).assigned].sort()).toEqual(["a", "b", "c", "d", "e", "f", "g"]);
});

test("a name with a default is guarded", () => {
  expect(readShellText("echo ${a:-x} ${b}").uses.map((use) => use.guarded)).toEqual([true, false]);
});

test.each([". ./env", "source env", 'eval "$x"'])("%j may bring names from anywhere", (text) => {
  expect(readShellText(text).opaque).toBe(true);
});

test.each(["[[ a ]]", "cat <(ls)", "cat <<< x", "a=(1 2)", "(( 1 ))"])("%j is bash", (text) => {
  expect(readShellText(text).bashOnly).not.toEqual([]);
});

test.each(["echo 'x", "if true; then", "a && ", "echo $(ls", "done"])("%j is an error", (text) => {
  expect(readShellText(text).errors).not.toEqual([]);
});

test.each(["a\nb", "test -e x || exit 1", "rm -rf -- /srv/*", "x=$((1 + 2))", "! ls"])(
  "%j is fine",
  (text) => {
    const { errors, bashOnly } = readShellText(text);
    expect([...errors, ...bashOnly]).toEqual([]);
  },
);
