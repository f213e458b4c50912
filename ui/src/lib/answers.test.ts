import { expect, it } from "vitest";
import { isAsDrafted, reasonsFor } from "./answers";
import type { Field } from "./wire";

const of = (...types: string[]) => types.map((type): Field => ({ name: type, type, title: { en: type } }));

it.each([
  ["text alone", of("text"), "unclear"],
  ["text and a picture", of("text", "image"), "broken"],
  ["a type of another package", of("letterbox"), "broken"],
])("the first reason for a report is the likeliest of an item with %s", (_, inputs, first) => {
  expect(reasonsFor(inputs)[0]).toBe(first);
  expect(reasonsFor(inputs)).toHaveLength(4);
});

const boxes = { width: 9, height: 9, shapes: [{ label: "cat", box: [0, 1, 2, 3] }] };

it.each([
  ["what was drafted", { answer: boxes }, true],
  ["the same in another order", { answer: { shapes: [{ box: [0, 1, 2, 3], label: "cat" }], height: 9, width: 9 } }, true],
  ["an output beside, which has no draft", { answer: boxes, sure: true }, true],
  ["a corner that was moved", { answer: { ...boxes, shapes: [{ label: "cat", box: [0, 1, 2, 4] }] } }, false],
  ["one shape more", { answer: { ...boxes, shapes: [...boxes.shapes, ...boxes.shapes] } }, false],
  ["nothing any more", { answer: undefined }, false],
])("an answer that is %s is told from its draft", (_, values, same) => {
  expect(isAsDrafted({ answer: boxes }, values)).toBe(same);
});
