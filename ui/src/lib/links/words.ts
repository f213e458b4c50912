/** Links in words: "1 Ann → 2 Bob · knows". */

import { pick } from "../i18n";
import { optionsOf } from "../options";
import { setting } from "../widgets";
import type { Field, Values } from "../wire";
import { partsOf, type Link, type Part } from "./links";

/** The item whose objects are linked: its inputs, and their fields. */
export interface Linked {
  readonly inputs: Values;
  readonly among: readonly Field[];
}

/** The fields of both sides. */
export const sidesOf = (field: Field, among: readonly Field[]): (Field | undefined)[] => ["a", "b"].map((end) => among.find(({ name }) => name === setting(field, end, "")));

/** The number of an object, and what it quotes, else its label and its track. */
function nameOf({ label, text, track }: Part, place: number, of: Field | undefined, language: string): string {
  const named = of && label !== undefined ? (optionsOf(of, language).find((option) => option.value === label)?.label ?? label) : label;
  return [place + 1, ...(text ? [text] : [named, track])].filter((one) => one !== undefined).join(" ");
}

/** The names of all objects of both sides. */
export function namesOf(field: Field, { inputs, among }: Linked, language: string): [string[], string[]] {
  return sidesOf(field, among).map((side) => partsOf(side && inputs[side.name]).map((part, place) => nameOf(part, place, side, language))) as [string[], string[]];
}

/** A link by the names of its ends, or by their numbers where there are none. */
export function toldLink(field: Field | undefined, { from, to, label }: Link, names: readonly [readonly string[], readonly string[]], language: string): string {
  const options = setting<{ value: unknown; label: Record<string, string> }[]>(field ?? NOTHING, "options", []);
  const named = label === undefined ? "" : pick(options.find(({ value }) => value === label)?.label, language) || label;
  const arrow = field && !setting(field, "directed", true) ? "—" : "→";
  return `${names[0][from] ?? from + 1} ${arrow} ${names[1][to] ?? to + 1}${named && ` · ${named}`}`;
}

const NOTHING: Field = { name: "", type: "links", title: {} };
