import { expect, it } from "vitest";
import { scaled, shifted, whole } from "./zoom";

const frame = { width: 400, height: 300 };

it("keeps what is under the pointer under it", () => {
  const at = { x: 80, y: -40 };
  const view = scaled({ scale: 2, x: 10, y: 20 }, 1.5, at);
  expect((at.x - view.x) / view.scale).toBeCloseTo((at.x - 10) / 2);
  expect((at.y - view.y) / view.scale).toBeCloseTo((at.y - 20) / 2);
});

it("never gets smaller than the whole picture, which stands in the middle", () => {
  expect(scaled({ scale: 2, x: 90, y: 9 }, 0.1)).toEqual(whole);
});

it("never leaves the frame", () => {
  expect(shifted({ scale: 2, x: 0, y: 0 }, { x: 1000, y: -1000 }, frame)).toEqual({ scale: 2, x: 200, y: -150 });
  expect(shifted(whole, { x: 50, y: 50 }, frame)).toEqual(whole);
});
