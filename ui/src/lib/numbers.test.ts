import { describe, expect, test } from "vitest";
import { isOnStep, readNumber, readNumberIn, readWholeIn } from "./numbers";

describe("a number is read in the ways that people write it", () => {
  test.each([
    ["0", 0],
    ["-7", -7],
    ["−7,5", -7.5],
    [" 1.25 ", 1.25],
    [".5", 0.5],
    ["0,500", 0.5],
    ["1e3", 1000],
    ["2,5E-3", 0.0025],
    ["12 345,6", 12345.6],
    ["12\u00a0345", 12345],
    ["1’234.5", 1234.5],
    ["1,234,567", 1234567],
    ["1.234.567", 1234567],
    ["1.234,5", 1234.5],
    ["1,234.5", 1234.5],
    ["٣٫٥", 3.5],
    ["१२", 12],
  ])("%s", (text, value) => expect(readNumber(text)).toBe(value));

  test.each(["", "-", "1 2", "1e", "0x10", "1,2,3", "1.2.3", "Infinity", "NaN", "1e999", "12abc", "--1", "1 000 00"])("%s is none", (text) => expect(readNumber(text)).toBeNull());

  test.each(["1,500", "-12,345"])("%s may be read in two ways", (text) => expect(readNumber(text)).toBe("either"));
});

test("what may be read in two ways is read as the language writes it, and everything else in any language", () => {
  expect(readNumberIn("1,500", "en")).toBe(1500);
  expect(readNumberIn("-1,500", "ru")).toBe(-1.5);
  for (const language of ["en", "ru", "tr", "kk", "uz", "es"]) expect([readNumberIn("3,5", language), readNumberIn("3.5", language)]).toEqual([3.5, 3.5]);
  expect(readNumberIn("three", "ru")).toBeNull();
  // The comma of Arabic stands before a fraction only: no two ways, and never a word for a number.
  for (const language of ["en", "ru"]) expect([readNumberIn("1٫500", language), readNumberIn("١٫٥٠٠", language)]).toEqual([1.5, 1.5]);
});

test("a whole number is read within its limits only", () => {
  expect(readWholeIn("1,990", "en", 1900, 2026)).toBe(1990);
  expect(readWholeIn("12\u00a0000", "ru", 1, 100_000)).toBe(12_000);
  for (const odd of ["3,5", "3.5", "0", "100001", "", "ten"]) expect(readWholeIn(odd, "ru", 1, 100_000)).toBeNull();
});

test("a step forgives the last digits", () => {
  expect(isOnStep(0.1 + 0.2, 0, 0.1)).toBe(true);
  expect(isOnStep(12_345_678_901.23, 0, 0.01)).toBe(true);
  expect(isOnStep(0.3, 0, 0.25)).toBe(false);
  expect(isOnStep(13, 3, 5)).toBe(true);
});
