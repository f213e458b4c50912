import { expect, test } from "vitest";
import { around, partOf, passage } from "./pieces";

test("a crop is seen with what is around it, as far as there is any", () => {
  const { view, piece } = around([100, 100, 200, 150], { width: 1000, height: 120 });
  expect(piece).toEqual({ left: 100, top: 100, width: 100, height: 20 });
  expect(view).toEqual({ left: 60, top: 60, width: 180, height: 60 });
});

test("a crop outside of the picture shows all of it", () => {
  expect(around([2000, 0, 2100, 10], { width: 100, height: 50 }).view).toEqual({ left: 0, top: 0, width: 100, height: 50 });
});

test("places in a text count code points", () => {
  const text = `${"x".repeat(500)}👍🏽 yes, no`;
  const { before, piece, behind } = passage(text, [500, 506]);
  expect(before).toBe(`…${"x".repeat(400)}`);
  expect(piece).toBe("👍🏽 yes");
  expect(behind).toBe(", no");
});

test("what is no piece has no part", () => {
  expect(partOf({ url: "/a.png" }, "crop")).toBeNull();
  expect(partOf("text", "piece")).toBeNull();
  expect(partOf({ url: "/a.png", crop: [1, 2, "3", 4] }, "crop")).toBeNull();
  expect(partOf({ url: "/a.wav", cut: [1, 2.5] }, "cut")).toEqual([1, 2.5]);
});
