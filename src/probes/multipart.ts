import { z } from "zod";

/** Bytes of filler that one part may ask for. */
const fillerMax = 8 * 1024 * 1024;

const line = z
  .string()
  .regex(/^[^\p{Cc}]{1,200}$/u, { error: "must be one line of at most 200 characters" });

const part = z
  .strictObject({
    name: line.describe("The name of the form's field."),
    filename: line.optional().describe("Makes it a file with this name."),
    type: z
      .string()
      .regex(/^[\w.+-]+\/[\w.+-]+(?:; *[\w.=-]+)?$/, { error: "must be a type such as text/plain" })
      .optional()
      .describe("The type of its content. Default for a file: application/octet-stream."),
    content: z.string().optional().describe("What it holds, as it is."),
    size: z
      .int()
      .min(0)
      .max(fillerMax)
      .optional()
      .describe("So many bytes of filler instead, for an upload that a server keeps in a file."),
  })
  .refine((given) => (given.content === undefined) !== (given.size === undefined), {
    error: "must have either content or size",
  });

export const multipart = z
  .array(part)
  .min(1, { error: "must have a part" })
  .max(20)
  .describe("What a form with files sends (multipart/form-data, RFC 7578), part by part.");

type Part = z.output<typeof part>;

/** The body, and the type that names its boundary. */
export function multipartBody(parts: readonly Part[]): {
  readonly body: string;
  readonly type: string;
} {
  const contents = parts.map(({ content, size = 0 }) => content ?? "x".repeat(size));
  let boundary = "handrail-boundary";
  while (contents.some((content) => content.includes(boundary))) boundary += "-";
  const sections = parts.map((one, at) => `--${boundary}\r\n${headOf(one)}\r\n${contents[at]}\r\n`);
  return {
    body: `${sections.join("")}--${boundary}--\r\n`,
    type: `multipart/form-data; boundary=${boundary}`,
  };
}

function headOf({ name, filename, type }: Part): string {
  const file = filename === undefined ? "" : `; filename="${quoted(filename)}"`;
  const kind = type ?? (filename === undefined ? undefined : "application/octet-stream");
  const typeLine = kind === undefined ? "" : `Content-Type: ${kind}\r\n`;
  return `Content-Disposition: form-data; name="${quoted(name)}"${file}\r\n${typeLine}`;
}

/** As browsers do it; a variable may have brought a line break in (HTML, multipart form data). */
function quoted(text: string): string {
  return text.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
