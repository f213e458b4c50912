/** What is seen of a line of time: from a frame on, so many of them, which need not be whole. */

export interface Span {
  readonly first: number;
  readonly count: number;
}

/** Nothing less is seen, in frames. */
const LEAST = 12;
/** Left and right of the line, in pixels. */
const EDGE = 4;

/** So many times fewer frames are seen, and the one at `around` stays where it is. */
export function zoomedAt({ first, count }: Span, factor: number, around: number, frames: number): Span {
  const less = Math.min(frames, Math.max(Math.min(LEAST, frames), count / factor));
  return within({ first: around - ((around - first) / count) * less, count: less }, frames);
}

export function shiftedBy({ first, count }: Span, by: number, frames: number): Span {
  return within({ first: first + by, count }, frames);
}

/** The same, moved as little as brings a frame into sight. */
export function following(span: Span, frame: number, frames: number): Span {
  const { first, count } = span;
  if (frame >= first && frame + 1 <= first + count) return span;
  return within({ first: frame < first ? frame : frame + 1 - count, count }, frames);
}

function within({ first, count }: Span, frames: number): Span {
  return { first: Math.min(frames - count, Math.max(0, first)), count };
}

/** Where a frame begins, in pixels. */
export function along(frame: number, { first, count }: Span, width: number): number {
  return EDGE + ((frame - first) / Math.max(1, count)) * (width - 2 * EDGE);
}

/** The frame under a place of the line, with the part of it that is before the place. */
export function frameUnder(x: number, { first, count }: Span, width: number): number {
  return first + ((x - EDGE) / Math.max(1, width - 2 * EDGE)) * count;
}
