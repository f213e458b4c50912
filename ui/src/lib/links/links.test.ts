import { describe, expect, test } from "vitest";
import { between, numbersBeside, type Outline, outlineOf, partsOf, type Rules, under, withLink } from "./links";

const RULES: Rules = { single: false, directed: true, same: false };
/** Looks along x of the cloud: what is a metre to the left of the middle, ten metres ahead, is ten pixels to the left. */
const CAMERA = { extrinsic: [0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0, 0, 0, 1], intrinsic: [100, 0, 50, 0, 100, 40, 0, 0, 1] };
const cuboid = (x: number, y = 0) => ({ label: "car", centre: [x, y, 0], size: [2, 2, 2], heading: 0 });

describe("objects", () => {
  test("are found in every form that answers have", () => {
    expect(partsOf({ width: 9, height: 9, shapes: [{ box: [0, 0, 1, 1] }] })).toHaveLength(1);
    expect(partsOf({ tracks: [{}, {}] })).toHaveLength(2);
    expect(partsOf([cuboid(5)])).toHaveLength(1);
    expect(partsOf(null)).toEqual([]);
  });

  test("are where a picture shows them, and nowhere where it does not", () => {
    expect(outlineOf({ box: [1, 2, 3, 4] }, null, 9, 9)).toMatchObject({ left: 1, top: 2, right: 3, bottom: 4 });
    expect(outlineOf({ point: [50, 50] }, null, 100, 100)).toMatchObject({ left: 49, right: 51 });
    // The face of the cuboid that is 10 m ahead is two metres wide: 20 pixels around the middle.
    expect(outlineOf(cuboid(11), CAMERA, 100, 80)).toMatchObject({ left: 40, right: 60, top: 30, bottom: 50 });
    expect(outlineOf(cuboid(-11), CAMERA, 100, 80)).toBeNull();
    expect(outlineOf(cuboid(0.5), CAMERA, 100, 80)).toBeNull();
    expect(outlineOf(cuboid(11, 30), CAMERA, 100, 80)).toBeNull();
    expect(outlineOf(cuboid(11), null, 100, 80)).toBeNull();
    expect(outlineOf({ text: "she" }, null, 9, 9)).toBeNull();
  });

  test("that are lines end where they end, and a press beside one means it", () => {
    const points = [[10, 50], [60, 50], [90, 50]];
    expect(outlineOf({ points }, null, 100, 100)?.lines[0]).toHaveLength(4);
    const line = outlineOf({ points }, null, 100, 100, true);
    expect(line?.lines).toEqual([points]);
    expect(under([[line], []], [30, 50.5], 0)).toEqual({ side: 0, place: 0 });
  });

  test("of two at a spot the one of the side that is asked for is meant, then the smaller", () => {
    const frame = (side: number): Outline => ({ lines: [], left: 0, top: 0, right: side, bottom: side });
    const there = [[frame(5), frame(3), null], [frame(4)]] as const;
    expect(under(there, [2, 2], 0)).toEqual({ side: 0, place: 1 });
    expect(under(there, [2, 2], 1)).toEqual({ side: 1, place: 0 });
    expect(under(there, [4.5, 4.5], 1)).toEqual({ side: 0, place: 0 });
    expect(under(there, [9, 9], 0)).toBeNull();
  });
});

describe("links", () => {
  test("lead from the one side to the other whichever was chosen first", () => {
    expect(between({ side: 1, place: 2 }, { side: 0, place: 5 }, "part", RULES)).toEqual({ from: 5, to: 2, label: "part" });
    expect(between({ side: 0, place: 2 }, { side: 1, place: 2 }, undefined, { ...RULES, same: true })).toBeNull();
    expect(between({ side: 0, place: 2 }, { side: 1, place: 1 }, undefined, { single: false, directed: false, same: true })).toEqual({ from: 1, to: 2 });
  });

  test("stay in their order, and of an object that may have one the last is kept", () => {
    const two = [{ from: 0, to: 1 }, { from: 2, to: 0 }];
    expect(withLink(two, { from: 1, to: 1 }, RULES)).toEqual([{ from: 0, to: 1 }, { from: 1, to: 1 }, { from: 2, to: 0 }]);
    expect(withLink(two, { from: 0, to: 1, label: "part" }, RULES)[0]).toEqual({ from: 0, to: 1, label: "part" });
    expect(withLink(two, { from: 2, to: 1 }, { ...RULES, single: true })).toEqual([{ from: 2, to: 1 }]);
    expect(withLink(two, { from: 1, to: 2 }, { ...RULES, single: true, same: true })).toEqual([{ from: 1, to: 2 }]);
  });
});

describe("numbers of objects on a picture", () => {
  const box = (left: number, top: number, right: number, bottom: number): Outline => ({ lines: [], left, top, right, bottom });
  const at = (...outlines: Outline[]) => numbersBeside(outlines.map((outline, place) => ({ outline, side: 0, text: `${place + 1}` })), 10, 200, 100);

  test("stand above the corner, and where another stands already elsewhere at their own object", () => {
    expect(at(box(50, 50, 90, 80))).toEqual([{ x: 50, y: 47.5 }]);
    const near = at(box(50, 50, 90, 80), box(52, 50, 92, 80), box(51, 51, 91, 81));
    const places = near.map(({ x, y }) => [Math.round(x), Math.round(y)]);
    expect(places[0]).toEqual([50, 48]);
    expect(places[1]).toEqual([86, 48]);
    expect(places[2]).toEqual([51, 91]);
  });

  test("are on the picture, wherever the object is", () => {
    for (const { x, y } of at(box(-20, -20, 5, 5), box(195, 95, 260, 160))) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThan(200);
      expect(y).toBeGreaterThanOrEqual(10);
      expect(y).toBeLessThanOrEqual(100);
    }
  });
});
