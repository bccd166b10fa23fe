import { inventoryJsonSchema, planJsonSchema } from "./json-schema.ts";
import type { Kinds } from "./kinds.ts";

/**
 * What `handrail init` writes, by file name: a plan and an inventory that are right as they are,
 * and the two schemas that make editors complete and check them.
 */
export function initTexts(options: {
  readonly kinds: Kinds;
  readonly transports: readonly string[];
}): Readonly<Record<string, string>> {
  return {
    "plan.yaml": plan,
    "inventory.yaml": inventory,
    "plan.schema.json": jsonText(planJsonSchema(options.kinds)),
    "inventory.schema.json": jsonText(inventoryJsonSchema(options)),
  };
}

/** A schema as it is kept in a file. */
export function jsonText(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

const plan = `# yaml-language-server: $schema=./plan.schema.json
#
# What to do to the fleet, and what must stay true meanwhile. Nothing is touched before
# \`handrail apply plan.yaml\`; until then: validate, preview.
handrail: 1
name: first-plan
summary: Says in one sentence what users get from this.
inventory: inventory.yaml

rollout:
  batches: [1, 50%] # per region; the first is the canary, the last repeats
  maxBad: 0 # the first bad instance halts the rollout
  onFail: rollback # or rollback-region, rollback-all, halt, ask

# Every step is judged by what it did to these: keep, keep-content, regenerates, may-change.
protect:
  - { path: "\${home}/tmp", policy: keep }

# How users are served. A step that touches a surface needs a probe there that looks at what is
# served: in an incident a status of 200 may come with the wrong page.
probes:
  - name: front page
    surface: ui
    http: { url: "http://\${address}:8080/", contains: "Welcome", timeout: 5s }

steps:
  # Variables are environment variables in a command: write them in double quotes.
  - name: mark the release
    touches: [ui]
    writes: ["\${home}/RELEASE"] # snapshotted before, put back on rollback
    run: echo first-plan > "\${home}/RELEASE"
`;

const inventory = `# yaml-language-server: $schema=./inventory.schema.json
#
# The fleet: regions in rollout order, and in each its instances.
handrail: 1
name: my-fleet
production: false # true, the default, has apply ask for proof of intent

defaults:
  user: deploy
  vars: { home: /srv/app } # \${home} in plans

regions:
  - name: first
    timezone: UTC
    instances:
      - { name: app01, address: app01.example.com }
      - name: app[02:03] # a range: app02 and app03
        address: app\${index}.example.com
`;
