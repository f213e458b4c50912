/** How the arrows go over a wall of tiles, whose rows are told by their tops, and what they tell. */

import { needsRoom, paintsAll, plays, sharing, undrawn, type Told } from "../lib/widgets";
import type { Field, ItemView, TaskSpec } from "../lib/wire";
import type { Said } from "./settling.svelte";

/** What is seen of an item in one place: an input, or an answer that is drawn or played, with others painted below it. */
export interface Sight extends Told {
  mode: "show" | "review";
  beside: readonly Told[];
  plays: boolean;
}

/** So many recordings that were collected of one item have a place on its tile. */
const MOST_PLAYED = 3;

/** Where a key leads from the tile at `from`; null if nowhere. */
export function step(key: string, from: number, tops: readonly number[]): number | null {
  const last = tops.length - 1;
  const width = Math.max(1, tops.findIndex((top) => top !== tops[0]) < 0 ? tops.length : tops.findIndex((top) => top !== tops[0]));
  const to = { ArrowRight: from + 1, ArrowLeft: from - 1, ArrowDown: from + width, ArrowUp: from - width, Home: 0, End: last }[key];
  return to === undefined || to < 0 || to > last ? null : to;
}

/** What a tile tells of what was said of its item: more opinions that were asked for before the list was made are in it, or on their way. */
export const toTell = (said: Said | undefined, before: Said | undefined): Said | undefined => (said?.kind === "ask_more" && said === before ? undefined : said);

/** What is to be seen of an item; needs the widgets of all fields. `collected`: an answer is the list of all that were given. */
export function sightsOf(task: TaskSpec, inputs: ItemView["inputs"], answer: ItemView["answer"], collected: boolean): Sight[] {
  const given = task.inputs.filter((field) => isThere(inputs[field.name]));
  const answered = task.outputs.filter((field) => needsRoom(field) && isThere(answer?.[field.name]));
  const told = (field: Field): Told[] => (collected ? listOf(answer?.[field.name]) : [answer?.[field.name]]).map((value) => ({ field, value }));
  const sight = (mode: Sight["mode"], { field, value }: Told, beside: readonly Told[] = []): Sight => ({ field, value, mode, beside, plays: plays(field, given) });
  return [
    ...undrawn(given, [...given, ...answered]).map((field) => sight("show", { field, value: inputs[field.name] })),
    ...answered.flatMap((field) => {
      const all = sharing(field, answered, given).flatMap(told);
      if (!paintsAll(field)) return all.slice(0, MOST_PLAYED).map((one) => sight("review", one));
      const [first, ...others] = all;
      return first !== undefined && first.field === field ? [sight("review", first, others)] : [];
    }),
  ];
}

const isThere = (value: unknown): boolean => value !== undefined && value !== null;
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
