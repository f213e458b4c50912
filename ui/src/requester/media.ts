/** Files that are added from a page: which rows they are, and what the rows say once the files are stored. */

import type { Field } from "../lib/wire";
import type { Row } from "./rows";

/** What a chooser of files offers for the types whose values are files. */
const KINDS: Readonly<Record<string, string>> = { image: "image/*", audio: "audio/*", video: "video/*" };

/** The inputs whose values are files. */
export const fileInputs = (inputs: readonly Field[]): Field[] => inputs.filter((input) => input.type in KINDS);

/** The kinds of files that the inputs take, as a chooser of files has them. */
export const kindsOf = (inputs: readonly Field[]): string => [...new Set(fileInputs(inputs).map((input) => KINDS[input.type]))].join(",");

/** The one input that files fill by themselves, each a row, called by its file's name; undefined if rows have to say more. */
export function filledByFiles(inputs: readonly Field[]): Field | undefined {
  const needed = inputs.filter((input) => input.required !== false);
  const [only, ...others] = needed.length > 0 ? needed : inputs;
  return only !== undefined && only.type in KINDS && others.length === 0 ? only : undefined;
}

/** A row for each file, by their names. */
export const rowsOfFiles = (names: readonly string[], input: Field): Row[] => names.map((name) => ({ id: name, [input.name]: name }));

/** The rows with the stored files in place of their names. */
export function withStored(rows: readonly Row[], inputs: readonly Field[], stored: ReadonlyMap<string, string>): Row[] {
  const names = fileInputs(inputs).map((input) => input.name);
  return rows.map((row) => {
    const put = names.flatMap((name): [string, unknown][] => {
      const media = stored.get(String(row[name] ?? ""));
      return media === undefined ? [] : [[name, { media }]];
    });
    return { ...row, ...Object.fromEntries(put) };
  });
}

/** The names of files that no row has: what nobody would be shown is not stored. */
export function unnamed(names: readonly string[], rows: readonly Row[], inputs: readonly Field[]): string[] {
  const said = new Set(rows.flatMap((row) => fileInputs(inputs).map((input) => String(row[input.name] ?? ""))));
  return names.filter((name) => !said.has(name));
}

/** How a file's name ends, in small letters; empty if it has no ending that files are stored under. */
export const endingOf = (name: string): string => /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1]?.toLowerCase() ?? "";
