/** A cloud as it is held: looked at from above or from around, nearer or farther. */

import { Gestures, type Acts } from "../shapes/gestures.svelte";
import type { Vec } from "./cuboid";
import { ABOVE, ASLANT, likewise, panned, whole, within, zoomed, type Kept, type Sight, type Spot } from "./sight";

/** Turned around a little, it is still seen as a whole. */
const WHOLE = 1.01;

export class Turntable extends Gestures {
  /** None until the stage has a size. */
  sight = $state.raw<Sight | null>(null);
  readonly fromAbove: boolean = $derived((this.sight?.elevation ?? ABOVE) >= ABOVE - 1e-3);
  override readonly right = true;
  readonly #low: Vec;
  readonly #high: Vec;

  constructor(stage: () => HTMLElement, low: Vec, high: Vec, acts: Omit<Acts, "idle">) {
    super(stage, { ...acts, idle: () => this.sight === null });
    this.#low = low;
    this.#high = high;
  }

  /** Where clouds are only looked at a finger scrolls the page; two do, where the whole of it is seen. */
  get whole(): boolean {
    return this.acts.fixed() || (this.sight !== null && this.sight.scale <= whole(this.#low, this.#high, this.frame, this.sight.azimuth).scale * WHOLE);
  }

  protected placeOf(spot: Spot): Spot {
    return spot;
  }

  zoom(factor: number, spot?: Spot): void {
    if (this.sight) this.sight = zoomed(this.sight, this.frame, factor, spot);
  }

  shift(by: Spot): void {
    if (this.sight) this.sight = panned(this.sight, by);
  }

  /** Turn around what is in the middle, by pixels of the screen. */
  turn([x, y]: Spot): void {
    if (this.sight) this.sight = within({ ...this.sight, azimuth: this.sight.azimuth - x / 200, elevation: this.sight.elevation + y / 200 });
  }

  readonly fit = (): void => {
    this.sight = whole(this.#low, this.#high, this.frame, this.sight?.azimuth);
  };

  /** As another cloud was seen, if one was. */
  begin(kept?: Kept): void {
    const sight = whole(this.#low, this.#high, this.frame, kept?.azimuth);
    this.sight = kept ? likewise(sight, kept, this.#low, this.#high) : sight;
  }

  /** From above, or from around a place. */
  tip(target?: Vec): void {
    const { sight } = this;
    if (sight) this.sight = { ...sight, elevation: this.fromAbove ? ASLANT : ABOVE, target: target ?? sight.target };
  }

  /** Have a place in the middle, no farther than so many pixels of a metre. */
  show(target: Vec, scale = 0): void {
    if (this.sight) this.sight = within({ ...this.sight, target, scale: Math.max(this.sight.scale, scale) });
  }
}
