/** What fingers mean on a picture that is drawn on: one draws, two move the page or the picture, a flick of one scrolls. */

import { distance, type Place } from "./shape";

/** So far, in pixels of the screen, two fingers go before it is known what they mean. */
const TOLD = 8;
/** A flick is over within so many milliseconds, so long in pixels, and no more than so far from upright. */
const FLICK = { within: 250, least: 60, slant: 1 / 3 };
/** A page that is flicked goes so much farther than the finger. */
const FLUNG = 2.5;

/** What two fingers do that were at `start`: nothing to be told of yet, scroll the page, or enlarge and move the picture. */
export function meantByTwo(start: readonly Place[], now: readonly Place[], whole: boolean): "scroll" | "pinch" | null {
  const [spread, moved] = [Math.abs(apart(now) - apart(start)), distance(middle(now), middle(start))];
  if (Math.max(spread, moved) < TOLD) return null;
  return whole && moved > spread ? "scroll" : "pinch";
}

/** Whether a stroke of one finger is a flick that scrolls: nobody draws that fast straight up or down. */
export function isFlick(from: Place, to: Place, milliseconds: number): boolean {
  const [across, along] = [Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])];
  return milliseconds <= FLICK.within && along >= FLICK.least && across <= along * FLICK.slant;
}

/** Scroll the page as a flick does. */
export function fling(from: Place, to: Place): void {
  scrollBy({ top: (from[1] - to[1]) * FLUNG, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

const apart = (places: readonly Place[]): number => distance(places[0]!, places[1]!);
const middle = (places: readonly Place[]): Place => [(places[0]![0] + places[1]![0]) / 2, (places[0]![1] + places[1]![1]) / 2];
