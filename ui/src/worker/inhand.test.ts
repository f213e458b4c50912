import { expect, test } from "vitest";
import { inHand, keepInHand } from "./inhand";

test("the item in hand is known of the page that it was on, and of no other", () => {
  expect(inHand("run", { page: "p1", items: [1, 2, 3] })).toBeNull();
  keepInHand("run", "p1", 2);
  expect(inHand("run", { page: "p1", items: [1, 2, 3] })).toBe(2);
  expect(inHand("run", { page: "p2", items: [1, 2, 3] })).toBeNull();
  expect(inHand("other", { page: "p1", items: [1, 2, 3] })).toBeNull();
  // The page has fewer items than it had.
  expect(inHand("run", { page: "p1", items: [1] })).toBeNull();
});
