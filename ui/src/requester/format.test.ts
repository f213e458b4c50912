import { describe, expect, test } from "vitest";
import { distance, sentence, share, span, sum } from "./format";

/** Number formats put different kinds of spaces before units. */
const plain = (text: string): string => text.replace(/\s/g, " ");

test("of a sum of money parts of a cent are told only where there is little else", () => {
  expect(["912000", "112400", "41248", "24500", "0"].map((amount) => sum(Number(amount), "USD", "en"))).toEqual(["$0.91", "$0.11", "$0.041", "$0.025", "$0.00"]);
});

describe("shares", () => {
  test("nearly all is not all, and nearly nothing is not nothing", () => {
    expect(share(0.9999, "en")).toBe("99.9%");
    expect(share(1, "en")).toBe("100%");
    expect(share(0.0001, "en")).toBe("0.1%");
    expect(share(0, "en")).toBe("0%");
    expect(share(0.876, "en")).toBe("88%");
  });
});

describe("lengths of time", () => {
  test("a unit is used from two of it on", () => {
    expect(plain(span(7.52, "en"))).toBe("7.5 sec");
    expect(plain(span(90, "en"))).toBe("90 sec");
    expect(plain(span(75 * 60, "en"))).toBe("75 min");
    expect(plain(span(2.5 * 3600, "en"))).toBe("2.5 hr");
    expect(plain(span(3 * 86_400, "ru"))).toBe("3 дн.");
  });

  test("moments are told from now", () => {
    expect(distance(1000, 1000 + 180, "en")).toBe("3 minutes ago");
    expect(distance(1000 + 7200, 1000, "en")).toBe("in 2 hours");
  });
});

test("a line begins with a capital letter unless a name does", () => {
  expect(sentence("rows of nothing (2) were left out", "en")).toBe("Rows of nothing (2) were left out");
  expect(sentence("items.csv: rows of nothing (2) were left out", "en")).toBe("items.csv: rows of nothing (2) were left out");
  expect(sentence("photos/: a file has no ending", "en")).toBe("photos/: a file has no ending");
  expect(sentence("ставки ниже", "ru")).toBe("Ставки ниже");
  expect(sentence("iş bitti", "tr")).toBe("İş bitti");
});
