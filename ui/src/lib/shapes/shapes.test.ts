import { describe, expect, test } from "vitest";
import { Hand } from "../hand.svelte";
import { Editor } from "./editor.svelte";
import { fitted, scaledAt, toFrame, toPicture } from "./placement";
import { allAt, crossesItself, fromJson, toJson, type Drawn, type Kind, type Place } from "./shape";

const SIZE = { width: 400, height: 200 };

function editor(kind: Kind, shapes: Drawn["shapes"] = []): { drawn: Editor; told: (Drawn | undefined)[] } {
  const told: (Drawn | undefined)[] = [];
  const drawn = new Editor(kind, SIZE, fromJson(kind, { ...SIZE, shapes }), false, undefined, new Hand("cat"), (value) => told.push(value));
  return { drawn, told };
}

function drag(one: Editor, from: Place, to: Place, reach = 5): void {
  one.down(from, reach);
  one.drag(to, reach);
  one.up(to, reach, true);
}

function click(one: Editor, at: Place, reach = 5): void {
  one.down(at, reach);
  one.up(at, reach, false);
}

describe("places", () => {
  test("come back from the screen unchanged at every scale, also at the edges of the picture", () => {
    const frame = { width: 873, height: 411 };
    for (let factor = 1; factor < 300; factor *= 2) {
      const placement = scaledAt(fitted(SIZE, frame), factor, [700.3, 20.7], SIZE, frame);
      for (const place of [[0, 0], [400, 200], [0.1, 199.9], [123.456789, 77.7]] as const) {
        const back = toPicture(placement, toFrame(placement, place));
        expect(Math.hypot(back[0] - place[0], back[1] - place[1])).toBeLessThan(1e-6);
      }
    }
  });

  test("keep what is under the pointer under it", () => {
    const frame = { width: 800, height: 400 };
    const before = scaledAt(fitted(SIZE, frame), 3, [300, 200], SIZE, frame);
    const after = scaledAt(before, 1.3, [310, 190], SIZE, frame);
    expect(toPicture(after, [310, 190])[0]).toBeCloseTo(toPicture(before, [310, 190])[0], 9);
  });
});

describe("a box", () => {
  test("is drawn from any corner, ends at the edge of the picture, and is one step back", () => {
    const { drawn, told } = editor("boxes");
    drag(drawn, [100, 150], [-50, 40]);
    expect(told.at(-1)).toEqual({ ...SIZE, shapes: [{ label: "cat", box: [0, 40, 100, 150] }] });
    drawn.undo();
    expect(told.at(-1)).toBeUndefined();
    drawn.redo();
    expect(told.at(-1)?.shapes).toHaveLength(1);
  });

  test("that is smaller than a finger is moved by its middle, and stretched by its corner from outside", () => {
    const { drawn, told } = editor("boxes", [{ label: "cat", box: [100, 50, 124, 70] }]);
    const finger = 22;
    drawn.tool = "move";
    click(drawn, [112, 60], finger);
    drag(drawn, [112, 60], [152, 80], finger);
    expect(told.at(-1)?.shapes).toEqual([{ label: "cat", box: [140, 70, 164, 90] }]);
    drag(drawn, [170, 96], [180, 106], finger);
    expect(told.at(-1)?.shapes[0]).toMatchObject({ box: [140, 70, 180, 106] });
  });

  test("is drawn beside the one that was drawn last, though a finger is as near to that", () => {
    const { drawn, told } = editor("boxes", []);
    const [finger, beside] = [22, 12];
    const stroke = (from: Place, to: Place): void => {
      drawn.down(from, finger, false, beside);
      drawn.drag(to, finger);
      drawn.up(to, finger, true);
    };
    stroke([100, 50], [160, 84]);
    stroke([176, 50], [236, 84]);
    expect(told.at(-1)?.shapes.map(({ box }) => box)).toEqual([[100, 50, 160, 84], [176, 50, 236, 84]]);
    stroke([246, 90], [250, 100]); // its corner is meant, where nothing else can be
    expect(told.at(-1)?.shapes[1]?.box).toEqual([176, 50, 250, 100]);
    drawn.tool = "move";
    stroke([266, 110], [276, 120]);
    expect(told.at(-1)?.shapes[1]?.box).toEqual([176, 50, 276, 120]);
  });

  test("with corners gets one more where its edge is dragged, and keeps all it has", () => {
    const corners = [[100, 40], [300, 40], [300, 160], [100, 160]] as const;
    const { drawn } = editor("polygons");
    for (const corner of [...corners, corners[0]]) click(drawn, [...corner]);
    drag(drawn, [200, 40], [200, 100]);
    expect(drawn.shapes[0]?.points).toEqual(corners.toSpliced(1, 0, [200, 100] as never));
    drawn.undo();
    expect(drawn.shapes[0]?.points).toEqual(corners);
  });

  test("of which one corner is set is told as begun, until it is drawn or given up", () => {
    const begun: number[] = [];
    const drawn = new Editor("boxes", SIZE, [], false, undefined, new Hand("cat"), (_, { drawing }) => begun.push(drawing.length));
    click(drawn, [50, 50]);
    expect(begun.at(-1)).toBe(2);
    click(drawn, [90, 90]);
    expect(begun.at(-1)).toBe(0);
    click(drawn, [10, 10]);
    drawn.abandon();
    expect(begun.at(-1)).toBe(0);
  });

  test("without a size is none, and it is said why", () => {
    const { drawn, told } = editor("boxes");
    click(drawn, [50, 50]);
    click(drawn, [50, 50]);
    expect(drawn.trouble).toBe("no_size");
    expect(told.every((one) => one === undefined)).toBe(true);
  });

  test("that a second finger joins is not drawn", () => {
    const { drawn, told } = editor("boxes");
    drawn.down([10, 10], 5);
    drawn.drag([60, 60], 5);
    drawn.cancel();
    expect([drawn.drawing, told]).toEqual([[], []]);
  });

  test("below others is chosen by the next click", () => {
    const same = { label: "dog", box: [10, 10, 60, 60] };
    const { drawn } = editor("boxes", [{ label: "cat", box: [0, 0, 100, 100] }, same, same]);
    const chosen = [1, 2, 3, 4].map(() => {
      click(drawn, [30, 40]);
      return drawn.chosen;
    });
    expect(chosen).toEqual([2, 1, 0, 2]);
  });

  test("that was just drawn keeps its label when the next one's is tapped; one that was chosen takes it", () => {
    const { drawn, told } = editor("boxes");
    drag(drawn, [10, 10], [60, 60]);
    drawn.setLabel("dog", "tap");
    drag(drawn, [100, 100], [150, 150]);
    const labels = () => told.at(-1)?.shapes.map(({ label }) => label);
    expect(labels()).toEqual(["cat", "dog"]);
    drawn.undo();
    expect(drawn.label).toBe("dog");
    drawn.redo();
    drawn.pick(0);
    drawn.setLabel("bird", "tap");
    expect(labels()).toEqual(["bird", "dog"]);
    drag(drawn, [200, 100], [250, 150]);
    drawn.tool = "move";
    drawn.setLabel("cat", "tap");
    expect(labels()).toEqual(["bird", "dog", "cat"]);
    drawn.tool = "draw";
    drawn.setLabel("dog", "tap");
    expect(labels()).toEqual(["bird", "dog", "cat"]);
    drag(drawn, [300, 100], [350, 150]);
    drawn.pick(3); // just drawn, it is chosen on purpose now
    drawn.setLabel("bird", "tap");
    expect(labels()).toEqual(["bird", "dog", "cat", "bird"]);
    drawn.pick(3);
    expect(drawn.chosen).toBe(-1);
  });

  test.each(["boxes", "polygons", "points", "lines"] as const)("of %s that was just drawn is named by the key of a label, and the next one while that is drawn", (kind) => {
    const { drawn } = editor(kind);
    const labels = () => drawn.shapes.map(({ label }) => label);
    const set = (x: number): void => {
      const places = [[x, 10], [x + 40, 60], [x, 60]] as const;
      for (const place of places.slice(0, { boxes: 2, polygons: 3, points: 1, lines: 2 }[kind])) drawn.addPoint(place, 8);
      if (kind === "polygons" || kind === "lines") drawn.close();
    };
    set(10);
    drawn.setLabel("dog", "key");
    set(100);
    drawn.setLabel("bird", "key");
    expect(labels()).toEqual(["dog", "bird"]);
    if (kind === "points") return;
    drawn.addPoint([200, 10], 8);
    drawn.setLabel("cat", "key");
    expect(labels()).toEqual(["dog", "bird"]);
  });

  test("keeps what was not touched to its last digit", () => {
    const box = [1 / 3, 0.123456789, 33.3333333, 77.7777777];
    const { drawn, told } = editor("boxes", [{ label: "cat", box }]);
    drag(drawn, [200, 100], [300, 150]);
    expect(told.at(-1)?.shapes[0]).toEqual({ label: "cat", box });
  });

  test("is pasted at the same place on another picture, and beside itself on the same one", () => {
    const { drawn } = editor("boxes", [{ label: "dog", box: [10, 10, 60, 60] }]);
    drawn.copy();
    drawn.paste();
    expect(drawn.shapes[1]?.points).toEqual([[20, 20], [70, 70]]);
    const { drawn: other, told } = editor("boxes");
    other.paste();
    expect(told.at(-1)?.shapes).toEqual([{ label: "dog", box: [10, 10, 60, 60] }]);
  });
});

describe("a polygon", () => {
  test("takes its last corner back, and is closed by its first", () => {
    const { drawn, told } = editor("polygons");
    for (const at of [[10, 10], [100, 10], [100, 90], [300, 150]] as const) click(drawn, at);
    drawn.undo();
    click(drawn, [12, 11]);
    expect(told.at(-1)?.shapes).toEqual([{ label: "cat", points: [[10, 10], [100, 10], [100, 90]] }]);
  });

  test("that would cross itself stays as it was", () => {
    const points: Place[] = [[10, 10], [100, 10], [100, 90], [10, 90]];
    const { drawn, told } = editor("polygons", [{ label: "cat", points }]);
    drawn.choose(0);
    drag(drawn, [100, 90], [50, 0]);
    expect(drawn.trouble).toBe("crosses");
    expect(drawn.shape?.points).toEqual(points);
    expect(told).toEqual([]);
  });

  test("of 5,000 corners is looked through in a blink", () => {
    const points = Array.from({ length: 5_000 }, (_, at): Place => [200 + 90 * Math.cos(at / 796), 100 + 90 * Math.sin(at / 796)]);
    expect(crossesItself(points)).toBe(false);
    expect(crossesItself([[0, 0], [9, 9], [9, 0], [0, 9]])).toBe(true);
  });
});

test("each kind survives the way to JSON and back", () => {
  const written: Record<Kind, Record<string, unknown>> = {
    boxes: { label: "a", box: [1, 2, 3, 4] },
    polygons: { points: [[1, 2], [3, 4], [5, 1]] },
    lines: { label: "a", points: [[1, 2], [3, 4]] },
    points: { point: [1, 2] },
  };
  for (const [kind, shape] of Object.entries(written) as [Kind, Record<string, unknown>][]) {
    expect(toJson(kind, fromJson(kind, { ...SIZE, shapes: [shape] }), SIZE)).toEqual({ ...SIZE, shapes: [shape] });
  }
});

test("among 2,000 polygons the one under the pointer is found", () => {
  const shapes = Array.from({ length: 2_000 }, (_, at) => {
    const [x, y] = [(at % 50) * 8, Math.floor(at / 50) * 5];
    return { label: "cat", points: Array.from({ length: 40 }, (_, corner): Place => [x + 3 + 2.9 * Math.cos(corner / 6.4), y + 2.5 + 2.4 * Math.sin(corner / 6.4)]) };
  });
  const there = fromJson("polygons", { ...SIZE, shapes });
  for (let round = 0; round < 10; round += 1) expect(allAt("polygons", there, [8 * round + 3, 5 * (round + 7) + 2.5], 0.1)).toEqual([(round + 7) * 50 + round]);
});
