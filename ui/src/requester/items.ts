/** A list of items as the address says it: the same for the list and for an item that was opened from it. */

import type { ItemQuery } from "./api";
import { changed, paths } from "./route";

export const ORDERS = ["key", "confidence", "responses"] as const;
export const FLAGS = ["incomplete", "unsure", "unverified", "no_answers", "rejected", "budget", "time", "stopped", "reported", "corrected", "verified", "wrong", "set_aside", "withdrawn"] as const;
/** What confidences, and numbers of answers, are narrowed to. */
export const CONFIDENCES = ["0-0.5", "0.5-0.7", "0.7-0.9", "0.9-0.99", "0.99-1"] as const;
export const OVERLAPS = ["0-0", "1-1", "2-2", "3-3", "4-4", "5-"] as const;
/** The parts of an address that narrow the list. */
export const FILTERS = ["search", "flag", "answer", "worker", "confidence", "overlap"] as const;
/** Items on a page of the list. */
export const PAGE = 25;
/** Items on a wall of them, and what an address says that shows it. */
export const ON_WALL = 60;
export const WALL = "wall";
/** What an address says that shows the control items with what is known of them. */
export const CONTROLS = "control";
/** What the filter by flag is where control items are meant. */
export const CONTROL = "control";

/** The part of the list that an address asks for. Control items stand apart, but who searches finds them. */
export function itemQuery(query: URLSearchParams): ItemQuery {
  const flag = query.get("flag") ?? "";
  const searched = ["search", "worker", "flag"].some((part) => query.has(part));
  return {
    offset: Math.max(0, Number(query.get("offset")) || 0),
    limit: PAGE,
    order: ORDERS.find((order) => order === query.get("order")) ?? "key",
    search: query.get("search") ?? "",
    flag: flag === CONTROL ? "" : flag,
    control: flag === CONTROL ? 1 : searched ? undefined : 0,
    answer: query.get("answer") ?? "",
    worker: query.get("worker") ?? "",
    confidence: query.get("confidence") ?? "",
    overlap: query.get("overlap") ?? "",
  };
}

/** An item's address that remembers its list, and where in it the item stands. */
export function itemAddress(run: string, key: string, query: URLSearchParams, at: number): string {
  return `${paths.item(run, key)}?${changed(query, { offset: "", at: String(at) })}`;
}

/** The list from which an item was opened, at the page on which it stands. */
export function listAddress(run: string, query: URLSearchParams): string {
  const page = query.get("view") === WALL ? ON_WALL : PAGE;
  const first = Math.floor((Number(query.get("at")) || 0) / page) * page;
  const rest = changed(query, { at: "", offset: first > 0 ? String(first) : "" });
  return paths.run(run, "items") + (rest ? `?${rest}` : "");
}
