import { describe, expect, test } from "vitest";
import { Hand } from "../hand.svelte";
import type { Place } from "../shapes/shape";
import { bounded, Editor, type Unfinished } from "./editor.svelte";
import { Raster, TILE } from "./raster";
import { read, written } from "./runs";

/** The lengths of runs of one label, column by column, counted pixel by pixel. */
function counted(raster: Raster, code: number): number[] {
  const counts = [0];
  let inside = false;
  for (let column = 0; column < raster.width; column++)
    for (let row = 0; row < raster.height; row++) {
      if ((raster.codes[row * raster.width + column] === code) !== inside) {
        inside = !inside;
        counts.push(0);
      }
      counts[counts.length - 1]! += 1;
    }
  return counts;
}

/** Whether pixels are the same; to look for differences one by one takes minutes. */
const same = (one: Uint8Array, other: Uint8Array) => Buffer.compare(one, other) === 0;

const chance = (seed: number) => () => (seed = (seed * 16807) % 2147483647) / 2147483647;

describe("runs", () => {
  test("are the strings of COCO", () => {
    // By pycocotools 2.0.11: a mask of 5 × 7 with one pixel, one that is full, one that is empty.
    expect(written([3, 1, 31])).toBe("31o0");
    expect(written([0, 35])).toBe("0S1");
    expect(written([35])).toBe("S1");
  });
  test("come back, however large or small the next one is", () => {
    const next = chance(7);
    const counts = Array.from({ length: 2_000 }, () => Math.floor(next() ** 6 * 2_000_000));
    expect(read(written(counts))).toEqual(counts);
  });
});

describe("a raster", () => {
  test.each([[1, 1], [7, 5], [300, 257], [257, 256]])("of %i by %i says what was painted, whatever was painted over and taken back", (width, height) => {
    const next = chance(width * height);
    const raster = new Raster({ width, height });
    const at = (): Place => [next() * width, next() * height];
    for (let turn = 0; turn < 12; turn++) {
      const code = Math.floor(next() * 3);
      raster.keep = turn % 5 === 0;
      if (turn % 4 === 0) raster.fill([at(), at(), at()], code);
      else if (turn % 7 === 0) raster.flood(at(), code);
      else raster.line(at(), at(), 1 + (next() * width) / 8, code);
      const before = Uint8Array.from(raster.codes);
      const step = raster.step();
      if (step && turn % 3 === 0) {
        const back = raster.swap(step);
        raster.swap(back);
        expect(same(raster.codes, before)).toBe(true);
      }
      const masks = raster.toJson(["a", "b"]).masks;
      for (const [place, label] of ["a", "b"].entries()) {
        const runs = counted(raster, place + 1);
        expect(masks.find((mask) => mask.label === label)?.counts).toEqual(runs.length > 1 ? written(runs) : undefined);
        expect(raster.sizes().get(place + 1) ?? 0).toBe(runs.filter((_, run) => run % 2).reduce((sum, run) => sum + run, 0));
      }
      const copy = new Raster({ width, height });
      copy.load(masks, ["a", "b"]);
      expect(same(copy.codes, raster.codes)).toBe(true);
    }
  });
  test("keeps of a thin stroke what lies around it, and not a sixteenth of the picture", () => {
    const raster = new Raster({ width: 4096, height: 4096 });
    raster.line([0, 0], [4096, 4096], 5, 1);
    expect(raster.step()!.size * TILE ** 2).toBeLessThan(4096 ** 2 / 16);
  });

  test("paints the pixels whose middle lies under the brush", () => {
    const raster = new Raster({ width: 9, height: 9 });
    raster.line([4.5, 4.5], [4.5, 4.5], 2, 1);
    // By hand: 13 pixels of a disc of the radius 2.
    expect(raster.sizes().get(1)).toBe(13);
    raster.line([0.5, 0.5], [8.5, 0.5], 0.5, 2);
    expect([...raster.codes.subarray(0, 9)]).toEqual(Array(9).fill(2));
  });
  test("fills what hangs together and goes around no corner", () => {
    const raster = new Raster({ width: 5, height: 5 });
    for (let place = 0; place < 5; place++) raster.line([place + 0.5, place + 0.5], [place + 0.5, place + 0.5], 0.5, 1);
    raster.flood([4.5, 0.5], 2);
    expect(raster.sizes()).toEqual(new Map([[1, 5], [2, 10]]));
  });
});

describe("an editor", () => {
  const made = (size = { width: 200, height: 100 }) => {
    const told: unknown[] = [];
    const editor = new Editor(size, ["cat", "dog"], null, undefined, new Hand("cat"), (value) => told.push(value));
    editor.resize(6);
    return { editor, told };
  };
  const stroke = (editor: Editor, ...path: Place[]) => {
    editor.begin(path[0]!);
    for (const at of path.slice(1)) editor.drag(at, 4);
    editor.end(path.at(-1)!, 4);
  };

  test("takes back a stroke as a whole, and gives it again", () => {
    const { editor, told } = made();
    stroke(editor, [20, 20], [60, 20], [60, 60]);
    const first = told.at(-1);
    editor.setLabel("dog");
    stroke(editor, [120, 20], [160, 20]);
    expect(editor.sizes.size).toBe(2);
    editor.undo();
    expect(told.at(-1)).toEqual(first);
    editor.undo();
    expect(told.at(-1)).toBeUndefined();
    editor.redo();
    expect(told.at(-1)).toEqual(first);
  });
  test("fills a line that comes back, which is taken back by itself", () => {
    const { editor } = made();
    stroke(editor, [20, 20], [80, 20], [80, 80], [20, 80], [20, 21]);
    expect(editor.sizes.get(1)).toBeGreaterThan(60 * 60);
    editor.undo();
    expect(editor.sizes.get(1)).toBeLessThan(2_000);
  });
  test("leaves other labels alone where that is wanted", () => {
    const { editor } = made();
    stroke(editor, [20, 50], [180, 50]);
    const cat = editor.sizes.get(1);
    editor.keep = true;
    editor.setLabel("dog");
    stroke(editor, [100, 10], [100, 90]);
    expect(editor.sizes.get(1)).toBe(cat);
    editor.keep = false;
    stroke(editor, [100, 10], [100, 90]);
    expect(editor.sizes.get(1)).toBeLessThan(cat!);
  });
  test("paints by keys, and Esc takes back what the brush has painted since it was lowered", () => {
    const { editor } = made();
    editor.press([50, 50], 4);
    editor.moveTo([90, 50]);
    editor.press([90, 50], 4);
    const painted = editor.sizes.get(1);
    expect(painted).toBeGreaterThan(200);
    editor.press([20, 20], 4);
    editor.moveTo([20, 90]);
    editor.cancel();
    expect(editor.raster.sizes().get(1)).toBe(painted);
  });
  test("takes back the stroke that is being made, and not the one before", () => {
    const { editor, told } = made();
    stroke(editor, [20, 20], [60, 20]);
    const first = told.at(-1);
    editor.begin([20, 60]);
    editor.drag([60, 60], 4);
    editor.undo();
    editor.drag([120, 60], 4);
    editor.end([120, 60], 4);
    expect(editor.raster.toJson(["cat", "dog"])).toEqual(first);
    editor.undo();
    editor.begin([20, 60]);
    editor.drag([60, 60], 4);
    editor.redo();
    editor.drag([120, 60], 4);
    editor.end([120, 60], 4);
    editor.undo();
    expect(told.at(-1)).toBeUndefined();
  });
  test("paints another label where the one that was begun with is there no more", () => {
    const editor = new Editor({ width: 20, height: 10 }, ["cat", "dog"], null, { drawing: [], label: "bird" }, new Hand("dog"), () => undefined);
    expect(editor.label).toBe("cat");
  });
  test("keeps its memory bounded, however much is painted", () => {
    const { editor } = made();
    for (let turn = 0; turn < 205; turn++) stroke(editor, [(turn % 100) * 2, 20 + 30 * Math.floor(turn / 100)]);
    let steps = 0;
    for (; editor.canUndo; steps++) editor.undo();
    expect(steps).toBe(200);
    const heavy = new Map([[0, new Uint32Array(5 << 20)]]);
    expect(bounded([heavy, heavy, heavy])).toHaveLength(2);
    expect(bounded([new Map([[0, new Uint32Array(20 << 20)]])])).toHaveLength(1);
  });
});

test("an outline that was begun ends when another tool is chosen", () => {
  const editor = new Editor({ width: 20, height: 10 }, ["cat"], null, { drawing: [[1, 1], [5, 5]], label: "cat" }, new Hand("cat"), () => undefined);
  editor.choose("polygon");
  expect(editor.drawing).toHaveLength(2);
  editor.choose("brush");
  expect(editor.drawing).toEqual([]);
});

test("a mask of too many pieces is kept as it is, and told about when it comes again", () => {
  const size = { width: 1100, height: 1000 };
  const counts = written(Array.from({ length: size.width * size.height }, () => 1));
  const kept: unknown[] = [];
  const editor = new Editor(size, ["cat"], { ...size, masks: [{ label: "cat", counts }] }, undefined, new Hand("cat"), (value, begun) => kept.push(value, begun));
  editor.resize(1);
  editor.begin([0.5, 0.5]);
  editor.end([0.5, 0.5], 4);
  const [value, begun] = kept as [undefined, Unfinished];
  expect(value).toBeUndefined();
  const again = new Editor(size, ["cat"], null, begun, new Hand("cat"), () => undefined);
  expect(again.trouble).toBe("mask_too_fine");
  expect(again.sizes).toEqual(editor.sizes);
}, 30_000);
