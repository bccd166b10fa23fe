import { expect, test } from "vitest";
import { startsDaemon } from "../../../src/core/plan/starts-daemon.ts";

test.each([
  "./bin/app &",
  "./bin/app >/dev/null 2>&1 & echo started",
  "(./bin/app &)",
  "x=$(./bin/app & echo $!)",
  "if true; then ./bin/app & fi",
  "nohup ./bin/app",
  "cd /srv && setsid ./bin/app",
  "sudo -n -u app nohup java -jar app.jar",
  "exec setsid -f ./bin/app",
  "/usr/sbin/daemon -p /run/app.pid ./app",
  "start-stop-daemon --start --exec /usr/sbin/app",
  "su app -c './bin/app &'",
  'sh -c "cd /srv; nohup ./app"',
  "service app restart",
  "/etc/init.d/app reload",
  "./bin/restart-app",
  "$CATALINA/bin/startup.sh",
  "apachectl -k start",
  "./bin/app & wait $!; ./bin/other & true",
  "worker & wait; ./bin/app &",
  "wait; ./bin/app &",
  "(sleep 1 & ) ; wait",
  "echo 'unfinished; nohup ./bin/app",
  "import subprocess\nsubprocess.Popen(['nohup', 'app'])",
])("what goes on running afterwards is seen: %s", (text) => {
  expect(startsDaemon(text)).toBe(true);
});

test.each([
  "true",
  "rm -rf /srv/app/tmp/x && ./bin/clear-compiled",
  "systemctl restart app",
  "sudo systemctl start app",
  "docker restart app",
  "echo 'a & b'",
  "grep -c '&' file",
  "cmd >log 2>&1",
  "a && b || c",
  "for h in a b c; do work $h & done; wait",
  "a & b & wait",
  "curl 'http://x/?a=1&b=2'",
  "cat <<E\n./bin/app &\nE",
  "sh -c 'echo a; echo b'",
])("what ends with the command is no daemon: %s", (text) => {
  expect(startsDaemon(text)).toBe(false);
});
