import { expect, test } from "vitest";
import { hueOf } from "../hues";
import { colourAt } from "../track/paint";
import { colourOf, handleReach } from "./paint";
import { handles } from "./shape";

/** The hue of a colour written `#rrggbb`, in degrees of OKLCH. */
function hue(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => (parseInt(colour.slice(at, at + 2), 16) / 255) ** 2.2) as [number, number, number];
  const [l, m, s] = [
    Math.cbrt(0.4122 * r + 0.5363 * g + 0.0514 * b),
    Math.cbrt(0.2119 * r + 0.6807 * g + 0.1074 * b),
    Math.cbrt(0.0883 * r + 0.2817 * g + 0.63 * b),
  ];
  const degrees = (Math.atan2(0.0259 * l + 0.7828 * m - 0.8087 * s, 1.978 * l - 2.4286 * m + 0.4506 * s) * 180) / Math.PI;
  return (degrees + 360) % 360;
}

test("the first labels have the same colours on pictures, in films and wherever else labels are", () => {
  for (let place = 0; place < 4; place += 1) {
    const apart = Math.abs(hue(colourOf(place)) - hueOf(place));
    expect(Math.min(apart, 360 - apart), `label ${place}`).toBeLessThan(35);
    expect(colourAt(place)).toBe(colourOf(place));
  }
});

test("handles of a small thing leave it to be seen, and those of a large one are as large as ever", () => {
  const side = (size: number, coarse: boolean) => handleReach(handles("boxes", [[0, 0], [size, size]]), coarse);
  expect([side(200, false), side(200, true)]).toEqual([5, 9]);
  // Of 24 pixels less than half is under the three handles of a side.
  for (const coarse of [false, true]) expect(3 * 2 * side(24, coarse)).toBeLessThanOrEqual(16);
  expect(side(6, true)).toBe(2);
  expect(handleReach([[5, 5]], true)).toBe(9);
});
