// @vitest-environment node
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { patternOf } from "./pattern";

interface Case {
  pattern: string;
  matches: string[];
  others: string[];
}

/** Patterns with texts, as Python's `re.fullmatch` tells them apart; the server's tests read the same file. */
const cases: Case[] = JSON.parse(readFileSync(new URL("../../../tests/data/patterns.json", import.meta.url), "utf-8"));

test.each(cases)("$pattern means what it means to the server", ({ pattern, matches, others }) => {
  const fits = patternOf(pattern);
  expect(matches.map(fits)).toEqual(matches.map(() => true));
  expect(others.map(fits)).toEqual(others.map(() => false));
});

test.each(["(a)\\1", "(?i)a", "(?<=a)b", "(?>a)", "a++", "(a", "a)", "[a", "a**", "\\p{L}", "\\08", "[z-a]", "(?#x)"])("%s is left to the server", (pattern) => {
  expect(patternOf(pattern)("a")).toBeNull();
});

test.each([
  ["(\\w+\\s?)+", `${"many words ".repeat(50)}!`],
  ["\\w*\\w*\\w*!", "a".repeat(20_000)],
  ["(?:(?=.*x).)*y", `${"a".repeat(20_000)}x`],
])("%s is answered soon, however often the browser's own would try", (pattern, text) => {
  expect(patternOf(pattern)(text)).toBe(false);
});
