/** A picture in a frame, as it is held: where it stands, enlarged and moved within the frame. */

import { Gestures, type Acts as Gesturing } from "./gestures.svelte";
import type { Sight } from "./keys";
import { fitted, scaledAt, shiftedBy, toPicture, type Placement } from "./placement";
import type { Place, Size } from "./shape";

/** What is done with a picture; places are in its own pixels. */
export interface Acts extends Omit<Gesturing, "idle"> {
  readonly size: () => Size | undefined;
  /** Whether what is there can be held now. */
  readonly ready?: () => boolean;
}

/** So far an arrow moves an enlarged picture that is looked at, in pixels of the screen. */
const PAN = 60;

export class Hold extends Gestures {
  placement = $state.raw<Placement>({ scale: 1, x: 0, y: 0 });
  #whole = $state(true);
  /** How near is meant, in pixels of the picture. */
  readonly reach: number = $derived(this.near / this.placement.scale);
  readonly beside: number = $derived(this.nearBeside / this.placement.scale);
  readonly #size: () => Size | undefined;

  constructor(stage: () => HTMLElement, acts: Acts, slop = true) {
    super(stage, { ...acts, idle: () => !acts.size() || acts.ready?.() === false }, slop);
    this.#size = acts.size;
  }

  /** Whether all of it is seen. */
  get whole(): boolean {
    return this.#whole;
  }

  protected placeOf(spot: Place): Place {
    return toPicture(this.placement, spot);
  }

  /** Another size of the window shows the whole picture again, unless it was enlarged. */
  resized(): void {
    const size = this.#size();
    if (size) this.placement = this.#whole ? fitted(size, this.frame) : shiftedBy(this.placement, [0, 0], size, this.frame);
  }

  zoom(factor: number, around: Place = [this.width / 2, this.height / 2]): void {
    const size = this.#size();
    if (!size) return;
    this.placement = scaledAt(this.placement, factor, around, size, this.frame);
    this.#whole = this.placement.scale <= fitted(size, this.frame).scale;
  }

  shift(by: Place): void {
    const size = this.#size();
    if (size) this.placement = shiftedBy(this.placement, by, size, this.frame);
  }

  /** Look at what lies in the direction of an arrow; gives false where all is seen. */
  pan([x, y]: Place): boolean {
    if (this.#whole) return false;
    this.shift([-x * PAN, -y * PAN]);
    return true;
  }

  /** What of the picture is in sight. */
  sight(): Sight {
    const { scale } = this.placement;
    return { centre: toPicture(this.placement, [this.width / 2, this.height / 2]), width: this.width / scale, height: this.height / scale, reach: this.reach };
  }

  readonly fit = (): void => {
    this.#whole = true;
    const size = this.#size();
    if (size) this.placement = fitted(size, this.frame);
  };

  /** Bring a place into sight. */
  show([x, y]: Place): void {
    const [left, top] = [this.placement.x + x * this.placement.scale, this.placement.y + y * this.placement.scale];
    const out = (value: number, room: number) => (value < 0 ? -value + 20 : value > room ? room - value - 20 : 0);
    this.shift([out(left, this.width), out(top, this.height)]);
  }
}
