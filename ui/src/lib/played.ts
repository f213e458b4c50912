/** Has a recording been played to its end, every part of it? Seeking over a part does not count. */

/** The shape of `HTMLMediaElement.played`: separate ranges in order, in seconds. */
export interface Ranges {
  readonly length: number;
  start(index: number): number;
  end(index: number): number;
}

/** Browsers report positions a little late: so much may be missing at each end and between two ranges. */
const SLACK = 0.4;

/** The share of the recording that was played, 0..1. */
export function playedShare(ranges: Ranges, duration: number): number {
  if (!(duration > 0) || !Number.isFinite(duration)) return 0;
  let played = 0;
  for (let index = 0; index < ranges.length; index += 1) played += ranges.end(index) - ranges.start(index);
  return Math.min(1, played / duration);
}

/** Whether the ranges cover the recording from its start to its end. */
export function playedThrough(ranges: Ranges, duration: number): boolean {
  if (!(duration > 0) || !Number.isFinite(duration)) return false;
  let reached = 0;
  for (let index = 0; index < ranges.length; index += 1) {
    if (ranges.start(index) > reached + SLACK) return false;
    reached = Math.max(reached, ranges.end(index));
  }
  return ranges.length > 0 && reached >= duration - SLACK;
}

/** The share of a piece, from one time to another, that was played; 1 where at most the slack is missing. */
export function piecePlayed(ranges: Ranges, from: number, to: number): number {
  let played = 0;
  for (let index = 0; index < ranges.length; index += 1) played += Math.max(0, Math.min(to, ranges.end(index)) - Math.max(from, ranges.start(index)));
  const missing = to - from - played;
  return missing <= Math.min(SLACK, (to - from) / 4) ? 1 : played / (to - from);
}
