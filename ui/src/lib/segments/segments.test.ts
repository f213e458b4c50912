import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Hand } from "../hand.svelte";
import english from "../../messages/segments.en.json";
import russian from "../../messages/segments.ru.json";
import { Clip } from "./clip.svelte";
import { Editor } from "./editor.svelte";
import { use, type Desk, type Pressed } from "./keys";
import { extent, quietest, reduced, type Peaks } from "./peaks";
import { between, lanesOf, roomAt, segmentAt, snapped, timeOf, withEdge, type Segment } from "./segment";
import { marksOf, nudge, panned, showing, zoomed } from "./sight";

const speech = (start: number, end: number, text?: string): Segment => ({ start, end, label: "speech", ...(text === undefined ? {} : { text }) });

function edited(segments: Segment[], rules: Partial<Editor["rules"]> = {}) {
  const told: (readonly Segment[] | undefined)[][] = [];
  const editor = new Editor({ overlapping: false, spoken: false, ...rules }, segments, false, new Hand("speech"), (value, draft) => told.push([value, draft]));
  editor.length = 10;
  return { editor, told: () => told.at(-1) };
}

describe("where a segment may lie", () => {
  const others = [speech(1, 2), speech(4, 5)];

  it("is between its neighbours, or anywhere", () => {
    expect(roomAt(others, 3, 10, false)).toEqual({ start: 2, end: 4 });
    expect(roomAt(others, 6, 10, false)).toEqual({ start: 5, end: 10 });
    expect(roomAt(others, 3, 10, true)).toEqual({ start: 0, end: 10 });
  });

  it("holds what is dragged in either direction, and nothing that is too short to be meant", () => {
    expect(between(3, 7, { start: 2, end: 4 })).toEqual({ start: 3, end: 4 });
    expect(between(3, 0.5, { start: 2, end: 4 })).toEqual({ start: 2, end: 3 });
    expect(between(3, 3.005, { start: 2, end: 4 })).toBeNull();
  });

  it("keeps an edge from passing the other one", () => {
    expect(withEdge(speech(1, 2), "start", 3, { start: 0, end: 10 })).toMatchObject({ start: 1.99, end: 2 });
    expect(withEdge(speech(1, 2), "end", 30, { start: 0, end: 4 })).toMatchObject({ start: 1, end: 4 });
  });

  it("is at what is near", () => expect([snapped(1.98, [1, 2, 2.01], 0.05), snapped(1.5, [1, 2], 0.05)]).toEqual([2, 1.5]));
});

describe("segments", () => {
  it("at one time are chosen one after the other, the shortest first, and lie on rows of their own", () => {
    const there = [speech(0, 9), speech(4, 6), speech(9, 10)];
    expect([segmentAt(there, 5, -1), segmentAt(there, 5, 1), segmentAt(there, 5, 0), segmentAt([], 5, -1)]).toEqual([1, 0, 1, -1]);
    expect(lanesOf(there)).toEqual([0, 1, 0]);
  });

  it("are told in their order, and when each has its words", () => {
    const { editor, told } = edited([speech(5, 6, "two")], { spoken: true });
    expect(editor.make({ start: 1, end: 2 })).toBe(true);
    expect(told()).toEqual([undefined, [speech(1, 2), speech(5, 6, "two")]]);
    for (const words of ["o", "on", "one"]) editor.write(words);
    expect(told()).toEqual([[speech(1, 2, "one"), speech(5, 6, "two")], undefined]);
    // Words that are written in one go are one step.
    editor.undo();
    expect(told()?.[1]?.[0]).toEqual(speech(1, 2));
    editor.redo();
    editor.write("");
    expect(editor.wordless).toBe(0);
  });

  it("stay the right one while their order changes", () => {
    const { editor } = edited([speech(1, 2), speech(3, 4)], { overlapping: true });
    editor.choose(0);
    editor.setEdge("end", 9);
    editor.setEdge("start", 8);
    expect([editor.chosen, editor.segment?.start]).toEqual([1, 8]);
    editor.setLabel("noise", "tap");
    expect(editor.segments.map((one) => one.label)).toEqual(["speech", "noise"]);
    editor.undo();
    editor.undo();
    expect([editor.chosen, editor.segment]).toEqual([0, speech(1, 9)]);
  });

  it("that were just made are named by the key of a label, and the next one where none is chosen", () => {
    const { editor } = edited([]);
    editor.setLabel("noise", "key");
    editor.make({ start: 1, end: 2 });
    editor.setLabel("speech", "key");
    editor.make({ start: 3, end: 4 });
    editor.setLabel("noise", "key");
    expect(editor.segments.map(({ label }) => label)).toEqual(["speech", "noise"]);
  });

  it("that were just made keep their label when the next one's is tapped; one that was chosen takes it", () => {
    const { editor } = edited([]);
    const labels = () => editor.segments.map(({ label }) => label);
    editor.make({ start: 1, end: 2 });
    editor.setLabel("noise", "tap");
    editor.make({ start: 3, end: 4 });
    expect(labels()).toEqual(["speech", "noise"]);
    editor.choose(0);
    editor.setLabel("noise", "tap");
    expect(labels()).toEqual(["noise", "noise"]);
    editor.make({ start: 5, end: 6 });
    editor.relabel("speech");
    expect(labels()).toEqual(["noise", "noise", "speech"]);
  });

  it("never overlap where they must not, and never say the same twice", () => {
    const { editor } = edited([speech(1, 2), speech(4, 5)]);
    editor.mark("start", 1.5);
    expect(editor.trouble).toBe("segment_overlaps");
    editor.mark("end", 3);
    expect(editor.trouble).toBe("segment_start_first");
    editor.mark("start", 3);
    expect(editor.mark("end", 9)).toBe(true);
    expect(editor.segment).toMatchObject({ start: 3, end: 4 });
    editor.pull("both", 3.5, 9);
    editor.settle();
    expect(editor.segment).toMatchObject({ start: 3, end: 4 });
    expect(editor.make({ start: 1, end: 2 })).toBe(false);
    expect(editor.trouble).toBe("segment_there");
  });

  it("that may overlap never come to say the same by being moved, pulled or set", () => {
    const { editor } = edited([speech(1, 2), speech(3, 4), speech(3, 5)], { overlapping: true });
    editor.choose(0);
    editor.shift(2);
    expect([editor.segment, editor.trouble]).toEqual([speech(1, 2), "segment_there"]);
    editor.pull("both", 1, 3);
    editor.settle();
    expect([editor.segment, editor.trouble]).toEqual([speech(1, 2), "segment_there"]);
    editor.choose(1);
    editor.setEdge("end", 5);
    expect([editor.segment, editor.trouble]).toEqual([speech(3, 4), "segment_there"]);
    editor.setEdge("end", 4.5);
    expect([editor.segment, editor.trouble]).toEqual([speech(3, 4.5), null]);
  });

  it("may be none, which is said and taken back", () => {
    const { editor, told } = edited([]);
    editor.sayNothing(true);
    expect(told()).toEqual([[], undefined]);
    editor.make({ start: 1, end: 2 });
    editor.remove();
    expect(told()).toEqual([undefined, undefined]);
    editor.undo();
    editor.undo();
    expect([editor.nothing, told()]).toEqual([true, [[], undefined]]);
  });
});

it("arrows move a segment, with Shift its edges outwards, with Alt inwards", () => {
  const { editor } = edited([speech(4, 5)]);
  editor.choose(0);
  const desk: Desk = { editor, clip: { time: 0 } as Clip, fixed: false, step: 0.1, onmade: () => undefined, onwords: () => undefined, zoom: () => undefined };
  const press = (key: string, more: Partial<Pressed> = {}) => {
    expect(use(desk, { key, code: key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more })).toBe(true);
    return [editor.segment!.start, editor.segment!.end];
  };
  expect(press("ArrowLeft")).toEqual([3.9, 4.9]);
  expect(press("ArrowLeft", { shiftKey: true })).toEqual([3.8, 4.9]);
  expect(press("ArrowRight", { shiftKey: true })).toEqual([3.8, 5]);
  expect(press("ArrowRight", { altKey: true })).toEqual([3.9, 5]);
  expect(press("ArrowLeft", { altKey: true })).toEqual([3.9, 4.9]);
});

describe("what is seen", () => {
  it("keeps what is at the pointer where it is, within the sound", () => {
    expect(zoomed({ start: 0, end: 8 }, 2, 2, 8)).toEqual({ start: 1, end: 5 });
    expect(zoomed({ start: 1, end: 5 }, 0.1, 2, 8)).toEqual({ start: 0, end: 8 });
    expect(panned({ start: 1, end: 5 }, 9, 8)).toEqual({ start: 4, end: 8 });
  });

  it("goes to what is chosen, and no farther", () => {
    expect(showing({ start: 0, end: 4 }, speech(1, 2), 10)).toEqual({ start: 0, end: 4 });
    expect(showing({ start: 0, end: 4 }, speech(5, 6), 10)).toEqual({ start: 2.4, end: 6.4 });
    expect(showing({ start: 5, end: 9 }, speech(1, 2), 10).start).toBeCloseTo(0.6);
  });

  it("has marks at round times, also of an hour", () => {
    expect(marksOf({ start: 0.3, end: 4.3 }, 700)).toEqual({ times: [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4], digits: 1 });
    expect(marksOf({ start: 0, end: 3600 }, 350).times).toEqual([0, 900, 1800, 2700, 3600]);
    expect([nudge({ start: 0, end: 4 }), nudge({ start: 0, end: 0.2 }), nudge({ start: 0, end: 60 })]).toEqual([0.02, 0.01, 0.2]);
  });
});

/** What a browser's player does, with a clock that is moved by hand. */
class Sound extends EventTarget {
  currentTime = 0;
  duration = 10;
  paused = true;
  playbackRate = 1;
  preservesPitch = false;

  play(): Promise<void> {
    this.paused = false;
    this.dispatchEvent(new Event("play"));
    return Promise.resolve();
  }

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.dispatchEvent(new Event("pause"));
  }
}

describe("a piece that is played", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Let it play for so many milliseconds, in frames of 16. */
  function pass(sound: Sound, milliseconds: number): void {
    for (let passed = 0; passed < milliseconds; passed += 16) {
      if (!sound.paused) sound.currentTime += 0.016 * sound.playbackRate;
      vi.advanceTimersByTime(16);
    }
  }

  it("stops where it ends, whatever its speed, with the pitch kept", () => {
    const sound = new Sound();
    const clip = new Clip(sound as unknown as HTMLMediaElement);
    clip.setSpeed(2);
    clip.play({ start: 1, end: 1.5 });
    pass(sound, 200);
    expect([clip.playing, clip.time]).toEqual([true, expect.closeTo(1.4, 1)]);
    pass(sound, 200);
    expect([sound.paused, clip.playing, clip.time, sound.currentTime, sound.preservesPitch]).toEqual([true, false, 1.5, 1.5, true]);
  });

  it("begins again and again where it is repeated, until it is paused", () => {
    const sound = new Sound();
    const clip = new Clip(sound as unknown as HTMLMediaElement);
    clip.loop = true;
    clip.play({ start: 1, end: 1.2 });
    pass(sound, 1000);
    expect([clip.playing, clip.time < 1.22, clip.time >= 1]).toEqual([true, true, true]);
    clip.toggle();
    expect(sound.paused).toBe(true);
  });

  it("stops in time on a page in the background, which has no frames", () => {
    vi.stubGlobal("requestAnimationFrame", () => 0);
    const sound = new Sound();
    const clip = new Clip(sound as unknown as HTMLMediaElement);
    clip.play({ start: 1, end: 3 });
    sound.currentTime = 3.01;
    vi.advanceTimersByTime(2000);
    expect([sound.paused, sound.currentTime]).toEqual([true, 3]);
    vi.unstubAllGlobals();
  });
});

it("a peak between two others is not lost, however small the picture", () => {
  const peaks: Peaks = { low: new Int8Array(2000), high: new Int8Array(2000) };
  peaks.high[1000] = 127;
  peaks.low[1001] = -64;
  expect(extent(peaks, 0.4, 0.6)).toEqual([-64 / 127, 1]);
  expect(extent(peaks, 0.6, 0.6001)).toEqual([0, 0]);
});

it("puts an edge where a cut is heard least, and leaves it where nothing near is quieter", () => {
  // Half a millisecond each: loud, quiet, loud, silent.
  const peaks: Peaks = { low: Int8Array.of(-9, -2, -9, 0, -9, -9), high: Int8Array.of(9, 1, 9, 0, 9, 9) };
  expect(quietest(peaks, 0.0002, 0.0005)).toBeCloseTo(0.00075);
  expect(quietest(peaks, 0.0002, 0.005)).toBeCloseTo(0.00175);
  expect([quietest(peaks, 0.0016, 0.005), quietest(peaks, 0.0027, 0.0005)]).toEqual([0.0016, 0.0027]);
});

it("of all channels the farthest sample is seen, at its time, whatever the rate", () => {
  for (const rate of [8000, 16_000, 44_100]) {
    const channels = [new Float32Array(rate), new Float32Array(rate)];
    channels[1]![Math.round(0.7503 * rate)] = -0.5;
    const peaks = reduced(channels, rate);
    expect(extent(peaks, 0.75, 0.751)).toEqual([expect.closeTo(-0.5, 2), 0]);
    expect([extent(peaks, 0, 0.7498), extent(peaks, 0.752, 1)]).toEqual([[0, 0], [0, 0]]);
  }
});

it("times are written in the reader's way", () => expect([timeOf(1.254, "en"), timeOf(59.999, "en"), timeOf(65.5, "ru"), timeOf(3725.04, "en")]).toEqual(["0:01.25", "1:00.00", "1:05,50", "1:02:05.04"]));

it("every message is there in Russian", () => expect(Object.keys(russian)).toEqual(Object.keys(english)));

it("of an hour with a thousand segments the one at a time is found", () => {
  const many = Array.from({ length: 1_000 }, (_, at) => speech(at * 3.6, at * 3.6 + 3));
  for (let round = 0; round < 10; round += 1) {
    expect(segmentAt(many, 3.6 * (90 * round) + 1, -1)).toBe(90 * round);
    expect(lanesOf(many).every((lane) => lane === 0)).toBe(true);
    expect(roomAt(many, 3.3, 3600, false)).toEqual({ start: 3, end: 3.6 });
  }
});
