/** Where the worker is on a page, and where to go next. Items and outputs are counted from 0. */

import type { Field, Page, TaskSpec, Values } from "../lib/wire";

export interface Place {
  readonly item: number;
  readonly output: number;
}

/** What still keeps a page from being sent. */
export interface Missing extends Place {
  /** The input that must be played to its end first; null: an answer is missing. */
  readonly play: string | null;
}

/** The question after this one, on the next item if it was the item's last; null at the page's end. */
export function after(place: Place, items: number, outputs: number): Place | null {
  if (place.output + 1 < outputs) return { item: place.item, output: place.output + 1 };
  return place.item + 1 < items ? { item: place.item + 1, output: 0 } : null;
}

/** Another item, some steps away, within the page. */
export function step(place: Place, by: number, items: number): Place {
  const item = Math.min(items - 1, Math.max(0, place.item + by));
  return item === place.item ? place : { item, output: 0 };
}

export function answered(field: Field, answers: Values): boolean {
  return field.required === false || answers[field.name] !== undefined;
}

/** Everything that keeps the page from being sent, in the page's order. */
export function missing(task: TaskSpec, page: Page, answers: readonly Values[], played: readonly (readonly string[])[]): Missing[] {
  return page.items.flatMap((item, index) => [
    ...task.inputs
      .filter((field) => field.settings?.play_to_end === true && present(item.inputs[field.name]) && !played[index]?.includes(field.name))
      .map((field) => ({ item: index, output: 0, play: field.name })),
    ...task.outputs.flatMap((field, output) => (answered(field, answers[index] ?? {}) ? [] : [{ item: index, output, play: null }])),
  ]);
}

/** How many items have nothing missing. */
export function finished(items: number, gaps: readonly Missing[]): number {
  return items - new Set(gaps.map((gap) => gap.item)).size;
}

function present(value: unknown): boolean {
  return value !== undefined && value !== null;
}
