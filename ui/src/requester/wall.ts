/** How the arrows go over a wall of tiles, whose rows are told by their tops, and what they tell. */

import type { Said } from "./settling.svelte";

/** Where a key leads from the tile at `from`; null if nowhere. */
export function step(key: string, from: number, tops: readonly number[]): number | null {
  const last = tops.length - 1;
  const width = Math.max(1, tops.findIndex((top) => top !== tops[0]) < 0 ? tops.length : tops.findIndex((top) => top !== tops[0]));
  const to = { ArrowRight: from + 1, ArrowLeft: from - 1, ArrowDown: from + width, ArrowUp: from - width, Home: 0, End: last }[key];
  return to === undefined || to < 0 || to > last ? null : to;
}

/** What a tile tells of what was said of its item: more opinions that were asked for before the list was made are in it, or on their way. */
export const toTell = (said: Said | undefined, before: Said | undefined): Said | undefined => (said?.kind === "ask_more" && said === before ? undefined : said);
