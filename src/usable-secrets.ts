import { HandrailError } from "./core/failure.ts";
import type { Itinerary } from "./core/itinerary.ts";
import { resolveSecrets } from "./sources/secrets.ts";

/** Values shorter than this may stand in a plan by chance. */
const tellingSecretMin = 8;

/** The plan's secrets, by name. Also refuses a secret whose value stands in the plan: the journal keeps the plan. */
export async function secretsOf(
  itinerary: Itinerary,
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Readonly<Record<string, string>>> {
  const secrets = await resolveSecrets(itinerary.plan.secrets, { folder, environment });
  const text = JSON.stringify(itinerary);
  for (const [name, value] of Object.entries(secrets)) {
    if (value.length < tellingSecretMin || !text.includes(JSON.stringify(value).slice(1, -1)))
      continue;
    throw new HandrailError({
      code: "STEP_INPUT",
      message: `the value of secret "${name}" also stands in the plan or the inventory as plain text`,
      hint: `write \${secret.${name}} there instead, and consider the value known`,
    });
  }
  return secrets;
}
