import { afterEach, expect, test, vi } from "vitest";
import { Turntable } from "../cloud/turntable.svelte";
import { Gestures, type Acts } from "./gestures.svelte";
import type { Place } from "./shape";

/** A stage of 100 by 100 pixels whose view only tells what is done with it. */
class Told extends Gestures {
  readonly told: string[] = [];
  whole = false;
  protected placeOf([x, y]: Place): Place {
    return [x / 10, y / 10];
  }
  zoom(factor: number): void {
    this.told.push(`zoom ${factor.toFixed(1)}`);
  }
  shift([x, y]: Place): void {
    this.told.push(`shift ${x} ${y}`);
  }
}

function stage(acts: Partial<Acts> = {}): { hold: Told; does: (kind: "down" | "move" | "up" | "cancel", at: Place, more?: Partial<PointerEvent>) => void } {
  const element = document.createElement("div");
  element.setPointerCapture = () => undefined;
  const note = (...what: unknown[]): void => void hold.told.push(what.join(" "));
  const hold: Told = new Told(() => element, {
    idle: () => false,
    fixed: () => false,
    begin: (at) => (note("begin", at), true),
    drag: (at, by) => note("drag", at, "by", by),
    end: (at, dragged) => note("end", at, dragged),
    cancel: () => note("cancel"),
    point: (at) => note("point", at),
    ...acts,
  });
  return {
    hold,
    does: (kind, [clientX, clientY], more = {}) => hold[kind]({ clientX, clientY, pointerId: 1, pointerType: "mouse", button: 0, timeStamp: 0, preventDefault: () => undefined, ...more } as PointerEvent),
  };
}

afterEach(() => vi.unstubAllGlobals());

test("a stroke begins where it was put, goes on once it has strayed, and ends", () => {
  const { hold, does } = stage();
  does("down", [10, 10]);
  does("move", [12, 10]);
  does("move", [40, 10]);
  does("up", [50, 10]);
  expect(hold.told).toEqual(["begin 1,1", "drag 4,1 by 28,0", "end 5,1 true"]);
});

test("a second finger gives up what the first one began; both zoom and move, and the one that is left draws nothing", () => {
  const { hold, does } = stage();
  const other = { pointerId: 2, pointerType: "touch" };
  const one = { pointerType: "touch" };
  does("down", [10, 10], one);
  does("down", [50, 10], other);
  does("move", [90, 10], other);
  does("up", [90, 10], other);
  does("move", [30, 10], one);
  does("up", [30, 10], one);
  expect(hold.told).toEqual(["begin 1,1", "cancel", "zoom 2.0", "shift 20 0"]);
});

test("two fingers move the page past what is seen as a whole, clouds among it", () => {
  const scrolled = vi.fn();
  vi.stubGlobal("scrollBy", scrolled);
  const element = document.createElement("div");
  element.setPointerCapture = () => undefined;
  const cloud = new Turntable(() => element, [0, 0, 0], [40, 40, 4], { fixed: () => false, begin: () => true, drag: () => undefined, end: () => undefined, cancel: () => undefined });
  [cloud.width, cloud.height] = [360, 300];
  cloud.fit();
  const two = (): void => {
    const at = (pointerId: number, clientX: number, clientY: number) => ({ clientX, clientY, pointerId, pointerType: "touch", button: 0, timeStamp: 0, preventDefault: () => undefined }) as PointerEvent;
    for (const id of [1, 2]) cloud.down(at(id, 100 * id, 200));
    for (const y of [185, 170, 150]) for (const id of [1, 2]) cloud.move(at(id, 100 * id, y));
    for (const id of [1, 2]) cloud.up(at(id, 100 * id, 150));
  };
  two();
  expect(scrolled).toHaveBeenCalled();
  scrolled.mockClear();
  cloud.enlarge();
  const before = cloud.sight!.target;
  two();
  expect(scrolled).not.toHaveBeenCalled();
  expect(cloud.sight!.target).not.toEqual(before);
});

test("Space, the middle button, and a finger beside a pen move the view, and no stroke is begun", () => {
  const { hold, does } = stage();
  const moves = (more: Partial<PointerEvent>): void => {
    does("down", [10, 10], more);
    does("move", [30, 15], more);
    does("up", [30, 15], more);
  };
  hold.space = true;
  moves({});
  hold.space = false;
  moves({ button: 1 });
  expect(hold.told).toEqual(["shift 20 5", "shift 20 5"]);
  moves({ pointerType: "pen" });
  hold.told.length = 0;
  moves({ pointerType: "touch" });
  expect(hold.told).toEqual(["shift 20 5"]);
});

test("where no stroke begins the view is moved, and a click is told", () => {
  const { hold, does } = stage({ begin: () => false });
  does("down", [10, 10]);
  does("move", [11, 10]);
  does("up", [11, 10]);
  expect(hold.told).toEqual(["shift 1 0", "point 1.1,1"]);
});

test("a flick of a finger scrolls the page, where strokes are not made that fast", () => {
  const scrolled: unknown[] = [];
  vi.stubGlobal("scrollBy", (to: unknown) => scrolled.push(to));
  vi.stubGlobal("matchMedia", () => ({ matches: true }));
  const { hold, does } = stage({ flicks: () => true });
  const touch = { pointerType: "touch" };
  does("down", [50, 90], touch);
  does("move", [50, 10], { ...touch, timeStamp: 80 });
  does("up", [50, 10], { ...touch, timeStamp: 100 });
  expect(hold.told.slice(0, 1)).toEqual(["begin 5,9"]);
  expect(hold.told.at(-1)).toBe("cancel");
  expect(scrolled).toHaveLength(1);
});

test("what was held is given up when there is nothing to be held any more", () => {
  let gone = false;
  const { hold, does } = stage({ idle: () => gone });
  does("down", [10, 10]);
  gone = true;
  does("up", [10, 10]);
  gone = false;
  does("move", [30, 10]);
  expect(hold.told).toEqual(["begin 1,1", "cancel"]);
  expect([hold.busy, hold.grabbing]).toEqual([false, false]);
});
