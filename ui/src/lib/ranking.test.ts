import { expect, test } from "vitest";
import { moved, placed, shuffled, type Order } from "./ranking";

const start: Order = { names: ["a", "b", "c", "d"], done: 0 };

test("names called from the best on are the order, and the last needs no calling", () => {
  const called = ["c", "a", "d"].map((name, index) => ({ name, index })).reduce((order, { name }) => placed(order, name), start);
  expect(called).toEqual({ names: ["c", "a", "d", "b"], done: 4 });
});

test("half an order is not done, and a name that was called begins it anew", () => {
  const half = placed(placed(start, "c"), "a");
  expect(half).toEqual({ names: ["c", "a", "b", "d"], done: 2 });
  expect(placed(half, "a")).toEqual({ names: ["a", "c", "b", "d"], done: 1 });
});

test("a card that is moved makes the order whole", () => {
  expect(moved(start, "d", 1)).toEqual({ names: ["a", "d", "b", "c"], done: 4 });
  expect(moved(start, "a", 3).names).toEqual(["b", "c", "d", "a"]);
});

test("names are shown in any order", () => {
  expect(shuffled(["a", "b", "c"], ((numbers) => () => numbers.pop()!)([0.1, 0.9, 0.5]))).toEqual(["c", "a", "b"]);
});
