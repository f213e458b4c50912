import { expect, it } from "vitest";
import { shownSize } from "./picture";

const shown = (naturalWidth: number, naturalHeight: number) => Object.values(shownSize({ naturalWidth, naturalHeight }));

it.each([
  ["a photograph is never enlarged", [1600, 1200], [1600, 1200]],
  ["a small picture becomes comfortable to look at", [240, 120], [256, 128]],
  ["but at most twice as large", [60, 100], [120, 200]],
  ["except that what is tiny must be seen", [8, 8], [96, 96]],
  ["a picture without a size of its own gets one", [0, 0], [256, 256]],
])("%s", (_, [width, height], expected) => {
  expect(shown(width!, height!)).toEqual(expected);
});
