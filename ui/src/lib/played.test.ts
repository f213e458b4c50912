import { describe, expect, it } from "vitest";
import { piecePlayed, playedShare, playedThrough, type Ranges } from "./played";

function ranges(...pairs: [number, number][]): Ranges {
  return { length: pairs.length, start: (index) => pairs[index]![0], end: (index) => pairs[index]![1] };
}

describe("a recording is played through", () => {
  it("when one range covers it, but for what browsers leave out at the ends", () => {
    expect(playedThrough(ranges([0, 10]), 10)).toBe(true);
    expect(playedThrough(ranges([0.2, 9.8]), 10)).toBe(true);
  });

  it("when several ranges cover it together", () => {
    expect(playedThrough(ranges([0, 4], [4.1, 10]), 10)).toBe(true);
  });
});

describe("a recording is not played through", () => {
  it.each([
    ["when nothing was played", ranges(), 10],
    ["when its middle was skipped", ranges([0, 4], [6, 10]), 10],
    ["when its start was skipped", ranges([2, 10]), 10],
    ["when its end is missing", ranges([0, 8]), 10],
    ["when only its end was sought", ranges([9.5, 10]), 10],
    ["while its length is not known", ranges([0, 10]), Number.NaN],
    ["when it has no end", ranges([0, 10]), Number.POSITIVE_INFINITY],
  ])("%s", (_when, played, length) => {
    expect(playedThrough(played, length)).toBe(false);
  });
});

it("tells the share that was played", () => {
  expect(playedShare(ranges([0, 2], [5, 8]), 10)).toBe(0.5);
  expect(playedShare(ranges(), Number.NaN)).toBe(0);
});

describe("of a piece", () => {
  it("what lies outside of it counts nothing", () => {
    expect(piecePlayed(ranges([0, 4]), 4, 6)).toBe(0);
    expect(piecePlayed(ranges([0, 5], [8, 10]), 4, 8)).toBe(0.25);
  });

  it("a little may be missing at its ends, less of a short one", () => {
    expect(piecePlayed(ranges([4.1, 5.9]), 4, 6)).toBe(1);
    expect(piecePlayed(ranges([4, 4.3]), 4, 4.5)).toBeLessThan(1);
  });
});
