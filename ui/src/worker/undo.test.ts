import { expect, it } from "vitest";
import { Changes } from "./undo";

const before = (item: number, changed = "kind", answer = {}) => ({ item, changed, answer, drafts: {} });

it("answers are taken back one by one, the last first", () => {
  const changes = new Changes();
  changes.note(before(0), true, 0);
  changes.note(before(1), true, 10);
  expect(changes.take()?.item).toBe(1);
  expect(changes.take()?.item).toBe(0);
  expect(changes.take()).toBeUndefined();
});

it("an answer that was changed at once is taken back to the one before", () => {
  const changes = new Changes();
  changes.note(before(0, "kind", {}), true, 0);
  changes.note(before(0, "kind", { kind: "dog" }), true, 10);
  expect(changes.take()?.answer).toEqual({ kind: "dog" });
});

it("letters written in one go are one change, after a pause another", () => {
  const changes = new Changes();
  changes.note(before(0, "text", {}), false, 0);
  changes.note(before(0, "text", { text: "a" }), false, 200);
  changes.note(before(0, "text", { text: "ab" }), false, 5_000);
  expect(changes.count).toBe(2);
  expect(changes.take()?.answer).toEqual({ text: "ab" });
  expect(changes.take()?.answer).toEqual({});
});

it("what is written after something was taken back is a change of its own", () => {
  const changes = new Changes();
  changes.note(before(0, "text", {}), false, 0);
  changes.take();
  changes.note(before(0, "text", {}), false, 100);
  expect(changes.count).toBe(1);
});

it("the oldest changes of a long page are forgotten", () => {
  const changes = new Changes();
  for (let item = 0; item < 500; item++) changes.note(before(item), true, item);
  expect(changes.count).toBe(200);
  expect(changes.take()?.item).toBe(499);
});
