import { along, following, frameUnder, shiftedBy, zoomedAt } from "./span";
import { readFileSync } from "node:fs";
import { Hand } from "../hand.svelte";
import { describe, expect, it } from "vitest";
import { Editor } from "./editor.svelte";
import { fullest, joined, lastOf, split, spotAt, withGone, withoutKey, withPlace, type Form, type Key, type Track } from "./track";

interface Case {
  name: string;
  shape: Form;
  keys: Key[];
  at: Record<string, number[] | null>;
  hidden?: number[];
}
const { cases } = JSON.parse(readFileSync("../tests/data/keyframes.json", "utf-8")) as { cases: Case[] };

const box = (frame: number, left: number, more: Partial<Key> = {}): Key => ({ frame, box: [left, 0, left + 10, 10], ...more });
const track = (id: number, ...keys: Key[]): Track => ({ id, keys });
const lefts = (one: Track, frames: number): (number | null)[] => Array.from({ length: frames }, (_, frame) => spotAt(one.keys, frame, "box")?.numbers[0] ?? null);

describe("key frames", () => {
  it.each(cases)("say the same as in Python: $name", ({ shape, keys, at, hidden = [] }) => {
    for (const [frame, place] of Object.entries(at)) {
      const spot = spotAt(keys, Number(frame), shape);
      if (place === null) expect(spot).toBeNull();
      else expect(spot?.numbers.map((one) => Math.round(one * 1e9) / 1e9)).toEqual(place);
      if (spot) expect(spot.hidden).toBe(hidden.includes(Number(frame)));
    }
  });
});

describe("a track", () => {
  const walk = track(1, box(0, 0), box(10, 100));

  it("keeps all of its places in both parts when it is split", () => {
    const [one, other] = split(walk, 4, "box", 2)!;
    expect(lefts(one, 11).slice(0, 5)).toEqual([0, 10, 20, 30, null]);
    expect(lefts(other, 11).slice(3)).toEqual([null, 40, 50, 60, 70, 80, 90, 100]);
    expect(split(walk, 0, "box", 2)).toBeNull();
    expect(split(walk, 11, "box", 2)).toBeNull();
  });

  it("is one again when its parts are joined, and unseen where nobody saw it", () => {
    const [one, other] = split(walk, 4, "box", 2)!;
    expect(lefts(joined(other, one)!, 11)).toEqual(lefts(walk, 11));
    const apart = joined(track(1, box(0, 0), box(2, 20)), track(2, box(5, 50)))!;
    expect(lefts(apart, 7)).toEqual([0, 10, 20, null, null, 50, null]);
    expect(joined(walk, track(2, box(5, 0)))).toBeNull();
  });

  it("goes on on the frame from which it was gone", () => {
    const [gone, next] = [withGone(walk, 10, "box")!, track(2, box(10, 500))];
    expect(lefts(joined(gone, next)!, 11).slice(7)).toEqual([70, 80, 90, 500]);
    expect(lefts(joined(next, track(1, box(0, 7), { frame: 10, gone: true }))!, 11).slice(7)).toEqual([7, 7, 7, 500]);
    expect(joined(gone, track(2, box(9, 0)))).toBeNull();
  });

  it("stays where it was until it is gone, and comes back at its next key frame", () => {
    const gone = withGone(walk, 4, "box")!;
    expect(lefts(gone, 11)).toEqual([0, 10, 20, 30, null, null, null, null, null, null, 100]);
    expect(withGone(walk, 0, "box")).toBeNull();
    expect(lefts(withGone(walk, 10, "box")!, 11).slice(8)).toEqual([80, 90, null]);
  });

  it("loses no key frame but the one that is removed", () => {
    const three = withPlace(walk, 5, [0, 0, 10, 10], "box");
    expect(three.keys.map((key) => key.frame)).toEqual([0, 5, 10]);
    expect(withoutKey(three, 5)).toEqual(walk);
    expect(withoutKey(track(1, box(3, 0)), 3)).toBeNull();
    expect(lastOf(withoutKey(three, 10)!)).toBe(5);
  });

  it("is looked at first where most are", () => {
    expect(fullest([walk, track(2, box(4, 0), box(6, 0)), track(3, box(6, 0))])).toBe(6);
    expect(fullest([])).toBe(0);
  });
});

describe("an editor", () => {
  const size = { width: 200, height: 100, frames: 50 };
  const made = (tracks: Track[] = []): [Editor, unknown[]] => {
    const told: unknown[] = [];
    return [new Editor("box", size, tracks, false, new Hand("car"), (value) => told.push(value)), told];
  };

  it("begins a track, follows it, and tells each step", () => {
    const [editor, told] = made();
    editor.begin([30, 40, 10, 20]);
    editor.go(10);
    expect(editor.spot).toBeNull();
    expect(editor.place).toEqual([10, 20, 30, 40]);
    editor.put([50, 20, 70, 40]);
    expect(told.at(-1)).toEqual({ ...size, tracks: [{ id: 1, label: "car", keys: [{ frame: 0, box: [10, 20, 30, 40] }, { frame: 10, box: [50, 20, 70, 40] }] }] });
    editor.go(5);
    expect(editor.spot?.numbers).toEqual([30, 20, 50, 40]);
  });

  it("labels the next one, unless one was chosen on purpose", () => {
    const [editor] = made();
    const labels = () => editor.tracks.map(({ label }) => label);
    editor.begin([0, 0, 20, 20]);
    editor.go(10);
    editor.put([20, 0, 40, 20]);
    editor.setLabel("bus", "tap");
    editor.begin([50, 50, 70, 70]);
    expect(labels()).toEqual(["car", "bus"]);
    editor.choose(1);
    editor.setLabel("bus", "tap");
    expect(labels()).toEqual(["bus", "bus"]);
  });

  it("names by a key what was just drawn or moved, and the next one after Esc", () => {
    const [editor] = made();
    const labels = () => editor.tracks.map(({ label }) => label);
    editor.begin([0, 0, 20, 20]);
    editor.go(10);
    editor.put([20, 0, 40, 20]);
    editor.setLabel("bus", "key");
    editor.choose(0);
    editor.setLabel("car", "key");
    editor.begin([50, 50, 70, 70]);
    expect(labels()).toEqual(["bus", "car"]);
  });

  it("waits for a new one to be drawn where that was asked for, and puts none down by itself", () => {
    const [editor, told] = made([track(1, box(0, 0))]);
    editor.choose(1);
    editor.askBegin();
    expect([editor.beginning, editor.chosen, told]).toEqual([true, 0, []]);
    editor.begin([10, 10, 30, 30]);
    expect([editor.beginning, editor.tracks.length]).toEqual([false, 2]);
    editor.askBegin();
    editor.askBegin();
    expect(editor.beginning).toBe(false);
  });

  it("keeps what is drawn in the picture, and draws nothing without a size", () => {
    const [editor] = made();
    editor.begin([-50, -50, 20, 20]);
    expect(editor.place).toEqual([0, 0, 20, 20]);
    editor.begin([10, 10, 11, 11]);
    expect([editor.tracks.length, editor.trouble]).toEqual([1, "track_no_size"]);
  });

  it("undoes every step, and gives no number twice", () => {
    const [editor] = made();
    editor.begin([0, 0, 20, 20]);
    editor.go(20);
    editor.put([50, 0, 70, 20]);
    editor.go(10);
    editor.split();
    expect(editor.tracks.map((one) => one.id)).toEqual([1, 2]);
    editor.undo();
    expect(editor.tracks.map((one) => one.keys.length)).toEqual([2]);
    editor.redo();
    editor.choose(1);
    editor.askJoin();
    editor.choose(2);
    expect(editor.tracks.map((one) => one.id)).toEqual([1]);
    editor.undo();
    editor.undo();
    editor.undo();
    editor.undo();
    expect(editor.tracks).toEqual([]);
  });

  it("says why it does not do what cannot be done", () => {
    const [editor] = made([track(1, box(0, 0)), track(2, box(0, 50))]);
    editor.hide();
    expect(editor.trouble).toBe("track_choose");
    editor.choose(1);
    editor.toggleKey();
    expect(editor.trouble).toBe("track_whole");
    editor.askJoin();
    editor.choose(2);
    expect(editor.trouble).toBe("track_at_once");
    editor.go(30);
    editor.hide();
    expect(editor.trouble).toBe("track_not_here");
  });
});

it("a line of time is enlarged around a frame, moved within the film, and follows the frame that is seen", () => {
  const whole = { first: 0, count: 1000 };
  const near = zoomedAt(whole, 4, 900.5, 1000);
  expect(near.count).toBe(250);
  expect(frameUnder(along(900.5, near, 500), near, 500)).toBeCloseTo(900.5);
  // What was under the pointer is there still.
  expect(along(900.5, near, 500)).toBeCloseTo(along(900.5, whole, 500));
  expect(shiftedBy(near, 1e6, 1000)).toEqual({ first: 750, count: 250 });
  expect(following(near, 3, 1000)).toEqual({ first: 3, count: 250 });
  expect(following(near, 999, 1000)).toEqual({ first: 750, count: 250 });
  expect(zoomedAt(near, 1e-6, 5, 1000)).toEqual(whole);
  expect(zoomedAt(near, 1e6, 5, 1000).count).toBe(12);
  expect(zoomedAt({ first: 0, count: 3 }, 2, 1, 3)).toEqual({ first: 0, count: 3 });
});
