import { expect, test } from "vitest";
import { count, excess } from "./length";

test("characters are counted as Python counts them", () => {
  expect(count("a🙂é")).toBe(3);
  expect(count("👨‍👩‍👧")).toBe(5);
});

test("what is too long is told by characters, and space around a text counts for nothing", () => {
  expect(excess("🙂".repeat(10), 10)).toBe(0);
  expect(excess("🙂".repeat(12), 10)).toBe(2);
  expect(excess(`  ${"a".repeat(10)}\n`, 10)).toBe(0);
});

test("no field cuts off what is pasted into it: it counts, and says what is too long", () => {
  const sources = import.meta.glob<string>("../**/*.svelte", { query: "?raw", import: "default", eager: true });
  // The words of a segment are part of an answer that is kept with each letter: it says when it is full.
  const cutting = Object.entries(sources).filter(([path, text]) => text.includes("maxlength") && !path.endsWith("segments/Chosen.svelte"));
  expect(Object.keys(sources).length).toBeGreaterThan(50);
  expect(cutting.map(([path]) => path)).toEqual([]);
});
