import { expect, it } from "vitest";
import { held } from "./known";

const outputs = [{ name: "kind", type: "choice" }, { name: "all", type: "several" }, { name: "order", type: "ranking" }, { name: "said", type: "text" }, { name: "where", type: "boxes" }];

it.each([
  [{ kind: "dog" }, { kind: "dog" }, "right"],
  [{ kind: "cat" }, { kind: "dog" }, "wrong"],
  [{}, { kind: "dog" }, "wrong"],
  [{ all: ["b", "a"] }, { all: ["a", "b"] }, "right"],
  [{ all: ["a"] }, { all: ["a", "b"] }, "wrong"],
  [{ order: ["b", "a"] }, { order: ["a", "b"] }, null],
  [{ said: "a dog." }, { said: "a dog" }, null],
  [{ said: "a dog" }, { said: "a dog" }, "right"],
  [{ where: [{ box: [0, 0, 10, 11] }] }, { where: [{ box: [0, 0, 10, 10] }] }, null],
  [{ kind: "cat", said: "x" }, { kind: "dog", said: "y" }, "wrong"],
  [{ kind: "dog", said: "x" }, { kind: "dog" }, "right"],
])("an answer %o beside the known %o is said to be %s", (given, known, said) => {
  expect(held(outputs, given as never, known as never)).toBe(said);
});
