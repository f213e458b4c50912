/** How a picture in a frame is held: one finger draws, two zoom or scroll; the wheel, Space and the middle button move it. */

import { fitted, scaledAt, shiftedBy, toPicture, wheelFactor, type Placement } from "./placement";
import { distance, type Place, type Size } from "./shape";
import { fling, isFlick, meantByTwo } from "./touch";

/** What is done with the picture; places are in its own pixels. */
export interface Acts {
  /** Whether it is only looked at. */
  readonly fixed: () => boolean;
  readonly size: () => Size | undefined;
  /** Begin a gesture; false: the picture itself is moved. */
  readonly begin: (at: Place, event: PointerEvent) => boolean;
  readonly drag: (at: Place) => void;
  readonly end: (at: Place, dragged: boolean) => void;
  readonly cancel: () => void;
  /** Whether a flick of one finger, which nobody draws, scrolls the page. */
  readonly flicks: () => boolean;
  /** The pointer is over the picture and nothing is held. */
  readonly hover: (at: Place) => void;
  readonly leave: () => void;
  /** A click where it is only looked at. */
  readonly point: (at: Place) => void;
}

const STEP = 1.5;
/** So near a pointer must be, and so far it may stray in a click, in pixels of the screen. */
const REACH = { fine: 8, coarse: 22 };
const SLOP = { fine: 5, coarse: 10 };

const inWindow = (event: MouseEvent): Place => [event.clientX, event.clientY];

export class Hold {
  placement = $state.raw<Placement>({ scale: 1, x: 0, y: 0 });
  /** Whether all of it is seen. */
  whole = $state(true);
  coarse = $state(false);
  grabbing = $state(false);
  space = false;
  width = $state(0);
  height = $state(0);
  readonly frame: Size = $derived({ width: this.width, height: this.height });
  /** How near is meant, in pixels of the picture. */
  readonly reach: number = $derived((this.coarse ? REACH.coarse : REACH.fine) / this.placement.scale);
  /** Where the pointers that are down are in the window, and where two fingers began. */
  #held = new Map<number, Place>();
  #began: Place[] = [];
  #mode: "edit" | "pan" | "two" | "scroll" | "pinch" | "over" = "over";
  #start: Place = [0, 0];
  #startedAt = 0;
  #dragged = false;
  #pen = false;
  #slop: boolean;
  readonly #stage: () => HTMLElement;
  readonly #acts: Acts;

  /** `slop`: whether a drag begins only once the pointer has strayed from where it was put. */
  constructor(stage: () => HTMLElement, acts: Acts, slop = true) {
    this.#stage = stage;
    this.#acts = acts;
    this.#slop = slop;
  }

  /** Another size of the window shows the whole picture again, unless it was enlarged. */
  resized(): void {
    const size = this.#acts.size();
    if (size) this.placement = this.whole ? fitted(size, this.frame) : shiftedBy(this.placement, [0, 0], size, this.frame);
  }

  /** A place of the window in the frame. */
  #inFrame([x, y]: Place): Place {
    const box = this.#stage().getBoundingClientRect();
    return [x - box.left, y - box.top];
  }

  #at(event: MouseEvent): Place {
    return this.#inFrame(inWindow(event));
  }

  readonly down = (event: PointerEvent): void => {
    if (!this.#acts.size() || event.button === 2) return;
    const fixed = this.#acts.fixed();
    this.#stage().focus({ preventScroll: true });
    this.coarse = event.pointerType === "touch";
    this.#pen ||= event.pointerType === "pen";
    const place = this.#at(event);
    this.#stage().setPointerCapture(event.pointerId);
    this.#held.set(event.pointerId, inWindow(event));
    if (this.#held.size > 1) {
      this.#acts.cancel();
      this.#mode = "two";
      this.#began = [...this.#held.values()];
      return;
    }
    [this.#start, this.#startedAt, this.#dragged] = [place, event.timeStamp, false];
    // A palm lies on the picture while a pen draws.
    const pans = fixed || this.space || event.button === 1 || (this.#pen && this.coarse);
    this.#mode = !pans && this.#acts.begin(toPicture(this.placement, place), event) ? "edit" : "pan";
    this.grabbing = this.#mode === "pan";
    if (!fixed || event.button === 1) event.preventDefault();
  };

  readonly move = (event: PointerEvent): void => {
    if (!this.#acts.size()) return;
    const [before, now, place] = [this.#held.get(event.pointerId), inWindow(event), this.#at(event)];
    if (!before) {
      if (event.pointerType !== "touch" && !this.#acts.fixed()) this.#acts.hover(toPicture(this.placement, place));
      return;
    }
    this.#held.set(event.pointerId, now);
    this.#dragged ||= !this.#slop || distance(place, this.#start) > (this.coarse ? SLOP.coarse : SLOP.fine);
    if (this.#mode === "two") this.#mode = meantByTwo(this.#began, [...this.#held.values()], this.whole) ?? "two";
    if (this.#mode === "pinch") this.#pinch(event.pointerId, before, now);
    else if (this.#mode === "scroll") scrollBy(0, (before[1] - now[1]) / 2);
    else if (this.#mode === "pan" && this.#scrolls) scrollBy(0, before[1] - now[1]);
    else if (this.#mode === "pan") this.shift([now[0] - before[0], now[1] - before[1]]);
    else if (this.#mode === "edit" && this.#dragged) this.#acts.drag(toPicture(this.placement, place));
  };

  /** Whether a finger that holds nothing moves the page: all of the picture is seen. A palm beside a pen does not. */
  get #scrolls(): boolean {
    return this.coarse && this.whole && !this.#acts.fixed() && !this.#pen;
  }

  #pinch(id: number, before: Place, now: Place): void {
    const other = [...this.#held].find(([one]) => one !== id)?.[1];
    if (!other) return;
    const middle: Place = [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2];
    this.zoom(distance(now, other) / Math.max(1, distance(before, other)), this.#inFrame(middle));
    this.shift([(now[0] - before[0]) / 2, (now[1] - before[1]) / 2]);
  }

  readonly up = (event: PointerEvent): void => {
    const at = this.#at(event);
    const place = toPicture(this.placement, at);
    if (!this.#held.delete(event.pointerId) || !this.#acts.size()) return;
    if (this.#mode === "edit" && this.coarse && this.#acts.flicks() && isFlick(this.#start, at, event.timeStamp - this.#startedAt)) {
      this.#acts.cancel();
      fling(this.#start, at);
    } else if (this.#mode === "edit") this.#acts.end(place, this.#dragged);
    else if (this.#mode === "pan" && this.#acts.fixed() && !this.#dragged) this.#acts.point(place);
    // The finger that is left draws nothing.
    this.#mode = "over";
    this.grabbing = false;
  };

  readonly cancel = (event: PointerEvent): void => {
    this.#held.delete(event.pointerId);
    this.#acts.cancel();
    this.#mode = "over";
    this.grabbing = false;
  };

  readonly leave = (): void => {
    if (this.#held.size === 0) this.#acts.leave();
  };

  readonly wheel = (event: WheelEvent): void => {
    // Where it is looked at in a row of items the wheel scrolls.
    if (!this.#acts.size() || (this.#acts.fixed() && !event.ctrlKey)) return;
    event.preventDefault();
    this.zoom(wheelFactor(event.deltaY * (event.deltaMode === 1 ? 16 : 1)), this.#at(event));
  };

  zoom(factor: number, around: Place = [this.width / 2, this.height / 2]): void {
    const size = this.#acts.size();
    if (!size) return;
    this.placement = scaledAt(this.placement, factor, around, size, this.frame);
    this.whole = this.placement.scale <= fitted(size, this.frame).scale;
  }

  readonly enlarge = (): void => this.zoom(STEP);
  readonly reduce = (): void => this.zoom(1 / STEP);

  shift(by: Place): void {
    const size = this.#acts.size();
    if (size) this.placement = shiftedBy(this.placement, by, size, this.frame);
  }

  readonly fit = (): void => {
    this.whole = true;
    const size = this.#acts.size();
    if (size) this.placement = fitted(size, this.frame);
  };

  /** Bring a place into sight. */
  show([x, y]: Place): void {
    const [left, top] = [this.placement.x + x * this.placement.scale, this.placement.y + y * this.placement.scale];
    const out = (value: number, room: number) => (value < 0 ? -value + 20 : value > room ? room - value - 20 : 0);
    this.shift([out(left, this.width), out(top, this.height)]);
  }
}
