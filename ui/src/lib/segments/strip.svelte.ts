/** A sound as it is held: which of its seconds are seen, from left to right. */

import { Gestures, type Acts } from "../shapes/gestures.svelte";
import type { Place } from "../shapes/shape";
import type { Piece } from "./segment";
import { panned, zoomed } from "./sight";

export class Strip extends Gestures {
  sight = $state.raw<Piece>({ start: 0, end: 0 });
  readonly shown: number = $derived(this.sight.end - this.sight.start);
  readonly #length: () => number;

  constructor(stage: () => HTMLElement, length: () => number, acts: Omit<Acts, "idle">) {
    super(stage, { ...acts, idle: () => false });
    this.#length = length;
  }

  /** Fingers that move what is seen are never about the page. */
  get whole(): boolean {
    return false;
  }

  protected placeOf(spot: Place): Place {
    return spot;
  }

  /** The time at a place from the left, in seconds; it may lie before or behind the sound. */
  timeAt(x: number): number {
    return this.sight.start + this.span(x);
  }

  /** Seconds that so many pixels show. */
  span(pixels: number): number {
    return (pixels / Math.max(1, this.width)) * this.shown;
  }

  zoom(factor: number, [x]: Place = [this.width / 2, 0]): void {
    this.zoomAt(factor, this.timeAt(x));
  }

  zoomAt(factor: number, time: number): void {
    this.sight = zoomed(this.sight, factor, time, this.#length());
  }

  shift([x]: Place): void {
    this.moveBy(-this.span(x));
  }

  moveBy(seconds: number): void {
    this.sight = panned(this.sight, seconds, this.#length());
  }
}
