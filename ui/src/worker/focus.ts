/** Where the worker is on a page, and where to go next. Items and outputs are counted from 0. */

import { reportOf, valuesOf, type Answer } from "../lib/answers";
import type { Field, Page, TaskSpec, Values } from "../lib/wire";

export interface Place {
  readonly item: number;
  readonly output: number;
}

/** What still keeps a page from being sent: no answer, one that is begun and not finished, a recording not played to its end, or something that cannot be shown. */
export interface Missing extends Place {
  readonly why: "answer" | "unfinished" | "play" | "failed";
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

/** Whether something of an answer is begun and not finished: sent like this, it would be gone. */
const isBegun = (drafts: Values, field: Field): boolean => drafts[field.name] !== undefined;

/** How far a worker is with an item: what was played to its end, what cannot be shown, and what is begun of each output. */
export interface Seen {
  readonly played: readonly string[];
  readonly failed: readonly string[];
  readonly drafts?: Values;
}

/** Everything that keeps the page from being sent, in the page's order; nothing does of an item that is reported. */
export function missing(task: TaskSpec, page: Page, answers: readonly Answer[], seen: (item: number) => Seen): Missing[] {
  return page.items.flatMap(({ inputs }, item): Missing[] => {
    if (reportOf(answers[item])) return [];
    const { played, failed, drafts = {} } = seen(item);
    // What could not be seen cannot be answered, whatever was pressed.
    if (failed.length > 0) return [{ item, output: 0, why: "failed" }];
    const values = valuesOf(answers[item]);
    return [
      ...task.inputs
        .filter((field) => field.settings?.play_to_end === true && present(inputs[field.name]) && !played.includes(field.name))
        .map(() => ({ item, output: 0, why: "play" }) as const),
      ...task.outputs.flatMap((field, output): Missing[] => {
        if (!answered(field, values)) return [{ item, output, why: "answer" }];
        return isBegun(drafts, field) ? [{ item, output, why: "unfinished" }] : [];
      }),
    ];
  });
}

/** How many items have nothing missing. */
export function finished(items: number, gaps: readonly Missing[]): number {
  return items - new Set(gaps.map((gap) => gap.item)).size;
}

function present(value: unknown): boolean {
  return value !== undefined && value !== null;
}
