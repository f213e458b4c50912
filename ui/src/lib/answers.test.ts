import { expect, it } from "vitest";
import { reasonsFor } from "./answers";
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
