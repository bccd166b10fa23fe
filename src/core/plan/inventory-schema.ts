import { z } from "zod";
import { become, name, text, vars } from "./fields.ts";
import { formatVersion } from "./plan-schema.ts";

/** The shape of an inventory as written: ranges not expanded, defaults not merged in. */
export function inventorySchema(options: { readonly transports: readonly string[] }) {
  const ownVars = vars.optional().describe("Values for ${name}, in plans and in the other fields.");
  const login = {
    via: z
      .enum(options.transports)
      .optional()
      .describe("How the host is reached. Default openssh."),
    user: z
      .string()
      .regex(/^[^\s\p{C}-][^\s\p{C}]{0,63}$/u, { error: "must be the name of a user" })
      .optional()
      .describe("The user to log in as."),
    port: z
      .int({ error: "must be a port number" })
      .min(1, { error: "must be a port from 1 to 65535" })
      .max(65_535, { error: "must be a port from 1 to 65535" })
      .optional()
      .describe("The port of its SSH server."),
    identity: text.optional().describe("The private key to log in with: a file on the controller."),
    become: become
      .optional()
      .describe("The user that steps run as, through sudo -n; false: the login user."),
    spool: text
      .optional()
      .describe("Where the host keeps snapshots and receipts. Default /var/lib/handrail."),
  };
  const address = z
    .string()
    .regex(/^[^\s\p{C}-][^\s\p{C}]{0,252}$/u, { error: "must be a host name or an address" })
    .optional()
    .describe("Default: the name.");
  const host = z.strictObject({
    name: z
      .string()
      .regex(/^([A-Za-z0-9._-]|\$\{\w+\})+$/, {
        error: 'must be a name of letters, digits, ".", "_" and "-"',
      })
      .describe("Unique in the instance; ${index} of the instance's range may stand in it."),
    address,
    ...login,
  });
  const instance = z
    .strictObject({
      name: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(\[[^[\]]*\][A-Za-z0-9._-]*)?$/, {
          error:
            'must be a name of letters, digits, ".", "_" and "-", with at most one range such as [01:40]',
        })
        .describe(
          "Unique in the inventory. A range such as ap[02:40] makes many; ${index} is its value in the other fields.",
        ),
      address,
      hosts: z
        .array(host)
        .min(1, { error: "must hold at least one host" })
        .optional()
        .describe("The machines of an instance that has several. Steps run on each."),
      labels: vars
        .optional()
        .describe("What the instance is, for a plan's targets; in commands ${label_NAME}."),
      vars: ownVars,
      ...login,
    })
    .describe("The unit that is rolled out to, judged and rolled back.");
  const region = z
    .strictObject({
      name: name.describe("Unique in the inventory."),
      timezone: text
        .optional()
        .describe("An IANA name such as Asia/Singapore; reports speak it beside UTC."),
      maintenance: z
        .array(text, { error: 'must be a list of windows, such as ["Mon-Thu 02:00-05:00"]' })
        .optional()
        .describe('Windows in the region\'s zone, such as "Mon-Thu 02:00-05:00".'),
      vars: ownVars,
      ...login,
      instances: z.array(instance).describe("In rollout order."),
    })
    .describe("A barrier in the rollout: the next begins when this one is sealed.");
  return z
    .strictObject({
      handrail: z.literal(formatVersion).describe("The version of this format."),
      name: name.describe("Names the fleet."),
      production: z
        .boolean({ error: "must be true or false" })
        .optional()
        .describe("true, the default: apply asks for proof of intent."),
      defaults: z
        .strictObject({ ...login, vars: ownVars })
        .optional()
        .describe("What holds where a region, instance or host does not say otherwise."),
      spool: login.spool,
      regions: z.array(region).describe("In rollout order."),
    })
    .describe("A Handrail inventory: the fleet, in rollout order.");
}

export type InventoryText = z.output<ReturnType<typeof inventorySchema>>;
export type RegionText = InventoryText["regions"][number];
export type InstanceText = RegionText["instances"][number];
