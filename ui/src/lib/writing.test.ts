import { describe, expect, test } from "vitest";
import type { Field } from "./wire";
import { problemOf } from "./writing";

const field = (settings: Record<string, unknown>): Field => ({ name: "words", type: "text", title: { en: "Words" }, required: true, settings });
const key = (text: string, settings: Record<string, unknown> = {}) => problemOf(text, field(settings))?.key ?? null;

describe("what keeps a text from being an answer is named", () => {
  test.each([" ", "\n\t", "\u200b\ufeff", "\u3164", "\u2800"])("nothing to be seen in %j", (text) => expect(key(text)).toBe("only_spaces"));
  test("limits", () => {
    expect(key("🙂🙂", { longest: 2 })).toBeNull();
    expect(problemOf("abc", field({ longest: 2 }))).toEqual({ key: "too_long", count: 2 });
    expect(key("abcd", { shortest: 5 })).toBe("too_short");
    expect(key("a\r\nb", { lines: 2 })).toBeNull();
    expect(key("a\nb", { lines: 1 })).toBe("too_many_lines");
  });
  test("half a character", () => expect(key("ab\ud800")).toBe("half_character"));
  test("a zero byte", () => expect(key("ab\0")).toBe("half_character"));
  test("a pattern binds the whole text, in any script, and one that only the server knows is left to it", () => {
    expect(key("12a", { pattern: "\\d+" })).toBe("pattern_wrong");
    expect(key("12", { pattern: "\\d+" })).toBeNull();
    expect(key("Анна", { pattern: "\\w+" })).toBeNull();
    expect(key("12a", { pattern: "(?P<all>\\d+)" })).toBe("pattern_wrong");
    expect(key("12a", { pattern: "(\\d)\\1" })).toBeNull();
  });
  test("zero is a text, and so are spaces around one", () => {
    expect(key("0")).toBeNull();
    expect(key("  a ")).toBeNull();
  });
});

test("a hundred thousand characters are looked at", () => {
  const text = "слово ".repeat(17_000);
  expect(problemOf(text, field({ longest: 200_000, shortest: 5 }))).toBeNull();
});
