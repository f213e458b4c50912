import { expect, test } from "vitest";
import { itemAddress, itemQuery, listAddress } from "./items";

const asked = new URLSearchParams("order=confidence&search=a cat&offset=50");

test("an item remembers the list it was opened from, and the list the page on which the item stands", () => {
  const item = new URL(itemAddress("my run", "10", asked, 61), "http://here");
  expect(item.pathname).toBe("/runs/my%20run/items/10");
  expect(itemQuery(item.searchParams)).toMatchObject({ order: "confidence", search: "a cat" });
  expect(listAddress("my run", item.searchParams)).toBe("/runs/my%20run/items?order=confidence&search=a+cat&offset=50");
  expect(listAddress("my run", new URLSearchParams())).toBe("/runs/my%20run/items");
});

test("a list is narrowed to what its address says", () => {
  expect(itemQuery(new URLSearchParams("confidence=0.5-0.7&overlap=2-&answer={}"))).toMatchObject({ confidence: "0.5-0.7", overlap: "2-", answer: "{}", control: 0 });
});

test("control items stand apart from those that are asked, but who searches finds them", () => {
  expect(itemQuery(new URLSearchParams("order=confidence"))).toMatchObject({ control: 0, flag: "" });
  expect(itemQuery(asked).control).toBeUndefined();
  expect(itemQuery(new URLSearchParams("flag=control"))).toMatchObject({ control: 1, flag: "" });
  expect(itemQuery(new URLSearchParams("flag=unsure"))).toMatchObject({ control: undefined, flag: "unsure" });
});
