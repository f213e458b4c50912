/** How the arrows go over a wall of tiles, whose rows are told by their tops. */

/** Where a key leads from the tile at `from`; null if nowhere. */
export function step(key: string, from: number, tops: readonly number[]): number | null {
  const last = tops.length - 1;
  const width = Math.max(1, tops.findIndex((top) => top !== tops[0]) < 0 ? tops.length : tops.findIndex((top) => top !== tops[0]));
  const to = { ArrowRight: from + 1, ArrowLeft: from - 1, ArrowDown: from + width, ArrowUp: from - width, Home: 0, End: last }[key];
  return to === undefined || to < 0 || to > last ? null : to;
}
