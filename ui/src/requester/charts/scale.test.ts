import { expect, test } from "vitest";
import { labelEvery, logTicks, thin, ticks } from "./scale";

test("ticks are round, begin at nought and reach the largest value", () => {
  expect(ticks(65)).toEqual([0, 50, 100]);
  expect(ticks(1)).toEqual([0, 1]);
  expect(ticks(0)).toEqual([0, 1]);
  for (const most of [1, 3, 7, 12, 99, 101, 12_345, 999_999]) {
    const found = ticks(most);
    expect(found.at(-1)).toBeGreaterThanOrEqual(most);
    expect(found.length).toBeLessThanOrEqual(5);
  }
});

test("thinning keeps the first and the last", () => {
  const list = Array.from({ length: 1_000 }, (_, index) => index);
  const found = thin(list, 20);
  expect(found.length).toBe(20);
  expect([found[0], found.at(-1)]).toEqual([0, 999]);
  expect(thin([1, 2], 20)).toEqual([1, 2]);
});

test("many columns share their marks", () => {
  expect(labelEvery(6)).toBe(1);
  expect(labelEvery(100)).toBe(9);
});

test("a logarithmic axis has marks around all values, by 1, 2 and 5", () => {
  expect(logTicks(3, 40)).toEqual([2, 5, 10, 20, 50]);
  expect(logTicks(0.4, 0.4)).toEqual([0.2, 0.5]);
  expect(logTicks(5, 5)).toEqual([5, 10]);
});
