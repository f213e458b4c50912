/**
 * What fingers, a pen, a mouse and the wheel do on a stage: one pointer works on what is there or moves the view, two zoom or
 * scroll; the wheel zooms, Space and the middle button move the view. Widgets only say what a stroke does.
 */

import { wheelFactor } from "./placement";
import { distance, type Place, type Size } from "./shape";
import { fling, isFlick, meantByTwo } from "./touch";

/** What is done on a stage; places are what its view makes of them. */
export interface Acts {
  /** Whether there is nothing yet to be held. */
  readonly idle: () => boolean;
  /** Whether it is only looked at: in a row of items the wheel and a finger scroll the page. */
  readonly fixed: () => boolean;
  /** Begin a stroke; false: the view is moved. */
  readonly begin: (at: Place, event: PointerEvent) => boolean;
  /** The stroke goes on; `by` is how far since the last time. */
  readonly drag: (at: Place, by: Place) => void;
  readonly end: (at: Place, dragged: boolean) => void;
  /** Give up the stroke that was begun. */
  readonly cancel: () => void;
  /** A click that began no stroke. */
  readonly point?: (at: Place) => void;
  /** Whether a flick of one finger, which nobody draws, scrolls the page. */
  readonly flicks?: () => boolean;
  /** The pointer is over the stage and nothing is held. */
  readonly hover?: (at: Place) => void;
  readonly leave?: () => void;
}

const STEP = 1.5;
/** So near a pointer must be, and so far it may stray in a click, in pixels of the screen. */
const REACH = { fine: 8, coarse: 22 };
/** Where others are drawn beside it, a shape is taken hold of from no farther: half of the least target (WCAG 2.5.8). */
const BESIDE = 12;
const SLOP = { fine: 5, coarse: 10 };

const inWindow = (event: MouseEvent): Place => [event.clientX, event.clientY];

export abstract class Gestures {
  coarse = $state(false);
  grabbing = $state(false);
  space = false;
  /** Whether Alt was held with what was done last. */
  alt = false;
  /** Whether the right button does something. */
  readonly right: boolean = false;
  width = $state(0);
  height = $state(0);
  readonly frame: Size = $derived({ width: this.width, height: this.height });
  /** How near is meant, in pixels of the screen. */
  readonly near: number = $derived(this.coarse ? REACH.coarse : REACH.fine);
  readonly nearBeside: number = $derived(Math.min(this.near, BESIDE));
  /** Where the pointers that are down are in the window, and where two fingers began. */
  #held = new Map<number, Place>();
  #began: Place[] = [];
  #mode: "edit" | "pan" | "two" | "scroll" | "pinch" | "over" = "over";
  #start: Place = [0, 0];
  #startedAt = 0;
  #dragged = false;
  #pen = false;
  readonly #slop: boolean;
  readonly #stage: () => HTMLElement;
  protected readonly acts: Acts;

  /** `slop`: whether a drag begins only once the pointer has strayed from where it was put. */
  constructor(stage: () => HTMLElement, acts: Acts, slop = true) {
    this.#stage = stage;
    this.acts = acts;
    this.#slop = slop;
  }

  /** Whether all there is is seen: a finger that holds nothing scrolls the page then. */
  abstract get whole(): boolean;
  abstract zoom(factor: number, around?: Place): void;
  /** Move the view by pixels of the screen. */
  abstract shift(by: Place): void;
  /** What a place of the frame is to those who act. */
  protected abstract placeOf(spot: Place): Place;

  /** Whether something is held. */
  get busy(): boolean {
    return this.#held.size > 0;
  }

  readonly enlarge = (): void => this.zoom(STEP);
  readonly reduce = (): void => this.zoom(1 / STEP);

  /** A place of the window in the frame. */
  #inFrame([x, y]: Place): Place {
    const box = this.#stage().getBoundingClientRect();
    return [x - box.left, y - box.top];
  }

  #at(event: MouseEvent): Place {
    return this.#inFrame(inWindow(event));
  }

  readonly down = (event: PointerEvent): void => {
    if (this.acts.idle() || (event.button === 2 && !this.right)) return;
    const fixed = this.acts.fixed();
    this.alt = event.altKey;
    this.#stage().focus({ preventScroll: true });
    this.coarse = event.pointerType === "touch";
    this.#pen ||= event.pointerType === "pen";
    const place = this.#at(event);
    this.#stage().setPointerCapture(event.pointerId);
    this.#held.set(event.pointerId, inWindow(event));
    if (this.#held.size > 1) {
      this.acts.cancel();
      this.#mode = "two";
      this.#began = [...this.#held.values()];
      return;
    }
    [this.#start, this.#startedAt, this.#dragged] = [place, event.timeStamp, false];
    // A palm lies on the picture while a pen draws.
    const pans = this.space || event.button === 1 || (this.#pen && this.coarse);
    this.#mode = !pans && this.acts.begin(this.placeOf(place), event) ? "edit" : "pan";
    this.grabbing = this.#mode === "pan";
    if (!fixed || event.button === 1) event.preventDefault();
  };

  readonly move = (event: PointerEvent): void => {
    if (this.acts.idle()) return;
    const [before, now, place] = [this.#held.get(event.pointerId), inWindow(event), this.#at(event)];
    if (!before) {
      if (event.pointerType !== "touch" && !this.acts.fixed()) this.acts.hover?.(this.placeOf(place));
      return;
    }
    const by: Place = [now[0] - before[0], now[1] - before[1]];
    this.alt = event.altKey;
    this.#held.set(event.pointerId, now);
    this.#dragged ||= !this.#slop || distance(place, this.#start) > (this.coarse ? SLOP.coarse : SLOP.fine);
    if (this.#mode === "two") this.#mode = meantByTwo(this.#began, [...this.#held.values()], this.whole) ?? "two";
    if (this.#mode === "pinch") this.#pinch(event.pointerId, before, now);
    else if (this.#mode === "scroll") scrollBy(0, -by[1] / 2);
    else if (this.#mode === "pan" && this.#scrolls) scrollBy(0, -by[1]);
    else if (this.#mode === "pan") this.shift(by);
    else if (this.#mode === "edit" && this.#dragged) this.acts.drag(this.placeOf(place), by);
  };

  /** Whether a finger that holds nothing moves the page: all of the picture is seen. A palm beside a pen does not. */
  get #scrolls(): boolean {
    return this.coarse && this.whole && !this.acts.fixed() && !this.#pen;
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
    if (!this.#held.has(event.pointerId)) return;
    // What it was about is gone.
    if (this.acts.idle()) return this.cancel(event);
    this.#held.delete(event.pointerId);
    const place = this.placeOf(at);
    if (this.#mode === "edit" && this.coarse && this.acts.flicks?.() && isFlick(this.#start, at, event.timeStamp - this.#startedAt)) {
      this.acts.cancel();
      fling(this.#start, at);
    } else if (this.#mode === "edit") this.acts.end(place, this.#dragged);
    else if (this.#mode === "pan" && !this.#dragged) this.acts.point?.(place);
    // The finger that is left draws nothing.
    this.#mode = "over";
    this.grabbing = false;
  };

  readonly cancel = (event: PointerEvent): void => {
    this.#held.delete(event.pointerId);
    this.acts.cancel();
    this.#mode = "over";
    this.grabbing = false;
  };

  readonly leave = (): void => {
    if (this.#held.size === 0) this.acts.leave?.();
  };

  readonly wheel = (event: WheelEvent): void => {
    // Where it is looked at in a row of items the wheel scrolls.
    if (this.acts.idle() || (this.acts.fixed() && !event.ctrlKey)) return;
    event.preventDefault();
    this.zoom(wheelFactor(event.deltaY * (event.deltaMode === 1 ? 16 : 1)), this.#at(event));
  };
}
