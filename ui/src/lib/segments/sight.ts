/** Which part of a sound is seen, and what its time line says. */

import type { Piece } from "./segment";

/** The shortest part that can be seen, in seconds: some milliseconds to a finger's width. */
const CLOSEST = 0.1;
/** Marks of the time line are so far apart at least, in pixels. */
const APART = 70;
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/** The part seen after zooming by a factor; what is at a time stays where it is. */
export function zoomed(sight: Piece, factor: number, at: number, length: number): Piece {
  const shown = sight.end - sight.start;
  const wanted = Math.min(length, Math.max(Math.min(CLOSEST, length), shown / factor));
  const start = at - ((at - sight.start) / shown) * wanted;
  return within({ start, end: start + wanted }, length);
}

/** The part seen after going along by so many seconds. */
export function panned(sight: Piece, by: number, length: number): Piece {
  return within({ start: sight.start + by, end: sight.end + by }, length);
}

/** The part seen, moved so that a piece, or at least its beginning, is in it. */
export function showing(sight: Piece, piece: Piece, length: number): Piece {
  if (piece.start >= sight.start && piece.end <= sight.end) return sight;
  const shown = sight.end - sight.start;
  const fits = piece.end - piece.start < shown * 0.9;
  const start = fits && piece.start >= sight.start ? piece.end - shown * 0.9 : piece.start - shown * 0.1;
  return within({ start, end: start + shown }, length);
}

/** The times that the time line names, with how many digits behind the point. */
export function marksOf(sight: Piece, width: number): { times: number[]; digits: number } {
  const least = ((sight.end - sight.start) / Math.max(1, width)) * APART;
  const step = STEPS.find((one) => one >= least) ?? STEPS.at(-1)!;
  const first = Math.ceil(sight.start / step);
  const count = Math.max(0, Math.floor(sight.end / step) - first + 1);
  return { times: Array.from({ length: count }, (_, place) => (first + place) * step), digits: step >= 1 ? 0 : step >= 0.1 ? 1 : 2 };
}

/** How far an arrow goes in what is seen: a round number of seconds, about half a hundredth of it. */
export function nudge(sight: Piece): number {
  const wanted = (sight.end - sight.start) / 200;
  return [...STEPS].reverse().find((one) => one <= wanted) ?? STEPS[0]!;
}

function within({ start, end }: Piece, length: number): Piece {
  const shown = Math.min(length, end - start);
  const from = Math.max(0, Math.min(length - shown, start));
  return { start: from, end: from + shown };
}
