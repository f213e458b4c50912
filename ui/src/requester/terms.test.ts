import { describe, expect, it } from "vitest";
import type { RunTerms } from "../lib/wire";
import { filled, wanted } from "./terms";

const terms = {
  budget: 20,
  currency: "USD",
  overlap: [2, 5],
  min_confidence: 0.9,
  time_limit: 7200,
  lease: 600,
  task: { id: "likes", instruction: { en: "Look.", de: "Schau." } },
} as unknown as RunTerms;

const typed = (changes: object) => wanted(terms, { ...filled(terms), ...changes });

describe("what a run is asked to change", () => {
  it("is what was touched", () => {
    expect(typed({})).toEqual({});
    expect(typed({ budget: "32,5", most: "6", limit: "3" })).toEqual({ budget: 32.5, overlap: [2, 6], time_limit: 10800 });
    expect(typed({ russian: " Смотрите. " })?.task?.instruction).toEqual({ en: "Look.", ru: "Смотрите.", de: "Schau." });
  });

  it("has no limit where the field of one was emptied", () => {
    expect(typed({ budget: " ", limit: "", lease: "" })).toEqual({ budget: null, time_limit: null, lease: null });
  });

  it.each([{ budget: "2O" }, { budget: "1,000.50" }, { limit: "2d" }, { lease: "-5" }, { sure: "" }, { sure: "90%" }, { least: "" }])(
    "is nothing where a number is none: %o",
    (changes) => expect(typed(changes)).toBeNull(),
  );
});
