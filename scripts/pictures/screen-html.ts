/** Colours of a dark terminal, by number: the eight of ECMA-48, then the bright ones. */
const palette = [
  ["#484f58", "#ff7b72", "#56d364", "#e3b341", "#79b8ff", "#d2a8ff", "#56d4dd", "#c9d1d9"],
  ["#6e7681", "#ffa198", "#7ee787", "#f2cc60", "#a5d6ff", "#e2c5ff", "#b3f0ff", "#ffffff"],
].flat();

interface Pen {
  color: string | null;
  bold: boolean;
  dim: boolean;
  underlined: boolean;
}

/** A page that looks like this screen. Of the escapes only colours and weights are drawn. */
export function screenHtml(screen: string, columns: number): string {
  const pen: Pen = { color: null, bold: false, dim: false, underlined: false };
  // One that splits at escapes: text and parameters by turns.
  const pieces = screen.trimEnd().split(new RegExp(`${escape}\\[([0-9;]*)m`));
  const drawn = pieces.map((piece, index) => {
    if (index % 2 === 0)
      return piece === "" ? "" : `<span style="${style(pen)}">${text(piece)}</span>`;
    dip(pen, piece.split(";").map(Number));
    return "";
  });
  return `<!doctype html><style>body{margin:0;background:#0d1117}pre{display:inline-block;box-sizing:content-box;width:${columns}ch;margin:0;padding:16px 20px;background:#0d1117;color:#e6edf3;font:14px/1.35 "DejaVu Sans Mono","Liberation Mono",monospace}</style><pre>${drawn.join("")}</pre>`;
}

const escape = String.fromCodePoint(0x1b);

function dip(pen: Pen, codes: readonly number[]): void {
  for (const [index, code] of codes.entries()) {
    if (code === 0) Object.assign(pen, { color: null, bold: false, dim: false, underlined: false });
    else if (code === 1) pen.bold = true;
    else if (code === 2) pen.dim = true;
    else if (code === 4) pen.underlined = true;
    else if (code === 22) Object.assign(pen, { bold: false, dim: false });
    else if (code === 24) pen.underlined = false;
    else if (code === 39) pen.color = null;
    else if (code >= 30 && code <= 37) pen.color = palette[code - 30] ?? null;
    else if (code >= 90 && code <= 97) pen.color = palette[code - 90 + 8] ?? null;
    else if (code === 38) {
      pen.color = palette[codes[index + 2] ?? 7] ?? null;
      return;
    }
  }
}

function style({ color, bold, dim, underlined }: Pen): string {
  return [
    ...(color === null ? [] : [`color:${color}`]),
    ...(bold ? ["font-weight:700"] : []),
    ...(dim ? ["opacity:.65"] : []),
    ...(underlined ? ["text-decoration:underline"] : []),
  ].join(";");
}

function text(piece: string): string {
  return piece.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
