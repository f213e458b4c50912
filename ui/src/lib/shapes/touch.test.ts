import { expect, test } from "vitest";
import type { Place } from "./shape";
import { isFlick, meantByTwo } from "./touch";

test("two fingers that go together scroll a page over a whole picture, and move one that is enlarged", () => {
  const start: Place[] = [[100, 200], [160, 200]];
  expect(meantByTwo(start, [[101, 195], [161, 197]], true)).toBeNull();
  expect(meantByTwo(start, [[102, 160], [165, 165]], true)).toBe("scroll");
  expect(meantByTwo(start, [[102, 160], [165, 165]], false)).toBe("pinch");
  expect(meantByTwo(start, [[70, 200], [190, 200]], true)).toBe("pinch");
});

test("a quick stroke straight up is a flick, and none that is slow, slanted or short", () => {
  expect(isFlick([100, 400], [110, 250], 120)).toBe(true);
  expect(isFlick([100, 400], [110, 250], 600)).toBe(false);
  expect(isFlick([100, 400], [200, 250], 120)).toBe(false);
  expect(isFlick([100, 400], [101, 370], 120)).toBe(false);
});
