import { describe, expect, it } from "vitest";
import { Refused } from "../lib/api";
import type { RunTerms } from "../lib/wire";
import { filled, problems, refusedAt, wanted } from "./terms";
import { wordings } from "./wordings";

const terms = {
  budget: 20,
  currency: "USD",
  overlap: [2, 5],
  min_confidence: 0.9,
  target: null,
  time_limit: 7200,
  lease: 600,
  task: { id: "likes", name: { en: "Likes" }, instruction: { en: "Look.", de: "Schau." }, inputs: [], outputs: [] },
} as unknown as RunTerms;

const typed = (changes: object) => wanted(terms, filled(terms, "en"), { ...filled(terms, "en"), ...changes });
const wrong = (changes: object) => problems(filled(terms, "en"), { ...filled(terms, "en"), ...changes });

describe("what a run is asked to change", () => {
  it("is what was touched", () => {
    expect(wrong({})).toEqual({});
    expect(typed({})).toEqual({});
    expect(typed({ budget: "32,5", most: "6", limit: "3" })).toEqual({ budget: 32.5, overlap: [2, 6], time_limit: 10800 });
    expect(typed({ aim: "0,95" })).toEqual({ target: 0.95 });
    const texts = wordings(terms.task).map((text) => (text.what === "instruction" ? { ...text, said: { ...text.said, kk: " Қараңыз. " } } : text));
    expect(wanted(terms, filled(terms, "en"), filled(terms, "en"), texts).task?.instruction).toEqual({ en: "Look.", kk: "Қараңыз.", de: "Schau." });
  });

  it("shows no more of a time than somebody would type", () => {
    const long = { ...terms, lease: 1250 };
    const before = filled(long, "en");
    expect(before.lease).toBe("20.83");
    expect(problems(before, before)).toEqual({});
    expect(wanted(long, before, before)).toEqual({});
  });

  it("is written as the reader's language writes numbers, and read as it is written", () => {
    const sure = { ...terms, min_confidence: 0.85, budget: 12_345.125 };
    const before = filled(sure, "ru");
    expect([before.sure, before.budget]).toEqual(["0,85", "12345,125"]);
    expect(filled(sure, "en").sure).toBe("0.85");
    expect(problems(before, { ...before, sure: "0,9" })).toEqual({});
    expect(wanted(sure, before, { ...before, sure: "0,9" })).toEqual({ min_confidence: 0.9 });
  });

  it("has no limit where the field of one was emptied", () => {
    expect(wrong({ budget: " ", limit: "", lease: "" })).toEqual({});
    expect(typed({ budget: " ", limit: "", lease: "" })).toEqual({ budget: null, time_limit: null, lease: null });
  });

  it.each([["1 000", 1000], ["12\u00a0345,5", 12345.5], ["1\u202f000\u202f000", 1e6], ["0,125", 0.125]])("is read as people write numbers: %o", (budget, read) => {
    expect(wrong({ budget })).toEqual({});
    expect(typed({ budget })).toEqual({ budget: read });
  });

  it.each([
    [{ budget: "много" }, "budget"],
    [{ budget: "1,000" }, "budget"],
    [{ budget: "1,000.50" }, "budget"],
    [{ budget: "10 00" }, "budget"],
    [{ budget: "0" }, "budget"],
    [{ limit: "2d" }, "limit"],
    [{ lease: "-5" }, "lease"],
    [{ lease: "0" }, "lease"],
    [{ sure: "" }, "sure"],
    [{ sure: "90%" }, "sure"],
    [{ sure: "1.5" }, "sure"],
    [{ aim: "95" }, "aim"],
    [{ aim: "0.4" }, "aim"],
    [{ least: "" }, "least"],
    [{ least: "1.5" }, "least"],
  ])("is wrong at its field: %o", (changes, field) => expect(wrong(changes)).toEqual({ [field]: { key: `change.wrong.${field}` } }));

  it("is wrong where the least is more than the most", () => {
    expect(wrong({ least: "6" })).toEqual({ most: { key: "change.wrong.order" } });
  });

  it("is refused by the server at the field, if it is of one", () => {
    const refused = (details: Record<string, unknown>) => refusedAt(new Refused(422, "change_refused", "no", details));
    expect(refused({ setting: "budget", reason: "below_promised", least: 2.5 })).toEqual({ budget: { key: "change.wrong.promised", least: 2.5 } });
    expect(refused({ setting: "time_limit", reason: "over_already", passed: 90 })).toEqual({ limit: { key: "change.wrong.over", passed: 90 } });
    expect(refused({ setting: "lease", reason: "invalid" })).toEqual({ lease: { key: "change.wrong.lease" } });
    expect(refused({ setting: "speed", reason: "fixed" })).toBeNull();
  });
});
