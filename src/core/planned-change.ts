/**
 * What a step of a kind that Handrail understands does to one path: a preview holds it against what is
 * there. In the order in which the step does it.
 */
export type PlannedChange =
  | {
      readonly does: "put";
      readonly path: string;
      readonly content: Uint8Array;
      readonly mode: string;
      /** user or user:group, by name or number; null: a file that is there keeps its own. */
      readonly owner: string | null;
    }
  /** A folder that is made where it is missing. */
  | { readonly does: "folder"; readonly path: string }
  | {
      readonly does: "edit";
      readonly path: string;
      /** What is edited, where it is another file: one that is renamed or copied. */
      readonly from: string | null;
      /** null: as it is. */
      readonly mode: string | null;
      readonly edit: (before: Uint8Array | null) => Edited;
    }
  | { readonly does: "remove"; readonly path: string };

/** What a file becomes; null: it is not there any more. Or why the edit does not fit it. */
export type Edited =
  | { readonly fits: true; readonly content: Uint8Array | null }
  /** The end of a sentence about the file. */
  | { readonly fits: false; readonly why: string };
