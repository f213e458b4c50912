import { expect, it } from "vitest";
import { matching, optionsOf, withKeys } from "./options";
import type { Field } from "./wire";

const values = ["dog", "cat", "crow"];
const options = values.map((value) => ({ value, label: { en: value.toUpperCase() } }));
const plain: Field = { name: "value", type: "choice", title: { en: "Which?" }, settings: { options } };
const depends = { input: "kind", allowed: { bird: ["crow"], pet: ["dog", "cat"] } };
const limited: Field = { ...plain, settings: { options, depends } };

it("gives the first nine options a key each", () => {
  const many = Array.from({ length: 11 }, (_, index) => ({ value: index, label: `no. ${index}` }));
  expect(withKeys(many).map((option) => option.key)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", undefined, undefined]);
});

it.each([
  ["labels", ["0", "1", "2", "7"].map((label) => ({ value: `digit ${label}`, label }))],
  ["values", ["0", "1", "2", "7"].map((value) => ({ value, label: `digit ${value}` }))],
  ["numbers as values", [0, 1, 2, 7].map((value) => ({ value, label: `digit ${value}` }))],
])("gives options that are digits, by their %s, the key of that digit", (_, digits) => {
  expect(withKeys(digits).map((option) => option.key)).toEqual(["0", "1", "2", "7"]);
});

it.each([[["0", "1", "ten"]], [["1", "1"]], [["10", "20"]]])("gives %j keys by their order", (labels) => {
  const shown = labels.map((label, index) => ({ value: `value ${index}`, label }));
  expect(withKeys(shown).map((option) => option.key)).toEqual(["1", "2", "3"].slice(0, labels.length));
});

it("offers all options where none depend on an input", () => {
  expect(optionsOf(plain, "en").map((option) => option.label)).toEqual(["DOG", "CAT", "CROW"]);
});

it("offers the options that the item's input allows, with keys from 1", () => {
  expect(optionsOf(limited, "en", { kind: "bird" }).map((option) => [option.value, option.key])).toEqual([["crow", "1"]]);
});

it.each([["fish"], [undefined], ["constructor"]])("offers all options for %j, which the task does not name", (kind) => {
  expect(optionsOf(limited, "en", { kind })).toHaveLength(3);
});

it("finds options by parts of words in any case and order", () => {
  const breeds = [{ value: 1, label: "Great Dane" }, { value: 2, label: "Great Pyrenees" }, { value: 3, label: "Датский дог" }];
  expect(matching(breeds, "dan GREAT", "en").map((option) => option.value)).toEqual([1]);
  expect(matching(breeds, "ДОГ", "ru").map((option) => option.value)).toEqual([3]);
  expect(matching(breeds, "  ", "en")).toHaveLength(3);
});
