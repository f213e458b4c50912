/**
 * Which item of a page is in hand, kept on this device: one that is half drawn looks answered, and a reload must not go past it.
 *
 * It stands beside the draft and not in it, and is written at once.
 */

import { recall, remember } from "../lib/memory";

const nameOf = (run: string): string => `in-hand:${run}`;

export function keepInHand(run: string, page: string, item: number): void {
  const kept = `${item} ${page}`;
  if (recall(nameOf(run)) !== kept) remember(nameOf(run), kept);
}

/** The item of this page that was in hand; null if the page is another one than it was. */
export function inHand(run: string, { page, items }: { page: string; items: readonly unknown[] }): number | null {
  const [item = "", ...of] = (recall(nameOf(run)) ?? "").split(" ");
  return of.join(" ") === page && Number(item) < items.length ? Number(item) : null;
}
