import { describe, expect, test } from "vitest";
import type { Closed } from "../lib/wire";
import { isEarly, retryOf } from "./reopening";

const closed = (reason: Closed["reason"], until: number | null = null): Closed => ({ reason, until, text: {} }) as unknown as Closed;

describe("a run that has no page", () => {
  test("is asked again where it may open once more, sooner where it soon does", () => {
    expect(retryOf(closed("busy"))).toBe(15_000);
    expect(retryOf(closed("no_items"))).toBe(2_000);
    expect(retryOf(closed("judging"))).toBe(15_000);
    expect(retryOf(closed("judging", 1))).toBe(1_500);
  });

  test("is left alone where it stays closed to the worker", () => {
    expect(retryOf(closed("finished"))).toBeNull();
    expect(retryOf(closed("restricted"))).toBeNull();
  });

  test("tells nothing of somebody's first page for a moment, and then what it waits for", () => {
    const first = closed("judging", 1);
    expect([0, 1, 2, 3].map((looks) => isEarly(first, looks))).toEqual([true, true, true, false]);
    expect(isEarly(closed("judging"), 0)).toBe(false);
  });
});
