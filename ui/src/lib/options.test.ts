import { expect, it } from "vitest";
import { keyRanges, matching, optionsOf, withKeys } from "./options";
import { keysOf, loadWidgets } from "./widgets";
import type { Field } from "./wire";

const values = ["dog", "cat", "crow"];
const options = values.map((value) => ({ value, label: { en: value.toUpperCase() } }));
const plain: Field = { name: "value", type: "choice", title: { en: "Which?" }, settings: { options } };
const depends = { input: "kind", allowed: { bird: ["crow"], pet: ["dog", "cat"] } };
const limited: Field = { ...plain, settings: { options, depends } };

const named = (labels: readonly string[]) => labels.map((label, index) => ({ value: `value ${index}`, label }));
const keys = (labels: readonly string[]) => withKeys(named(labels)).map((option) => option.key);

it("gives options digits by their place, the tenth 0, and then letters", () => {
  expect(keys(Array.from({ length: 12 }, (_, index) => `no. ${index}`))).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "q", "w"]);
  expect(keys(Array.from({ length: 30 }, (_, index) => `no. ${index}`)).slice(26)).toEqual(["k", "l", undefined, undefined]);
});

it.each([
  ["0 to 10", Array.from({ length: 11 }, (_, point) => String(point)), [..."0123456789", "q"]],
  ["-2 to 2", ["-2", "-1", "0", "1", "2"], ["q", "w", "0", "1", "2"]],
  ["a few of them", ["none", "1", "2", "3 or more"], ["q", "1", "2", "3"]],
  ["with a word each", ["5 – excellent", "4 – good", "0: no answer"], ["5", "4", "0"]],
  ["ranges", ["0", "1–2", "3-5", "6+"], ["0", "1", "3", "6"]],
])("a digit is the key of the number that is read: %s", (_, labels, expected) => {
  expect(keys(labels)).toEqual(expected);
});

it.each([
  [0, 10, [..."0123456789", "q"]],
  [-2, 2, ["q", "w", "0", "1", "2"]],
  [1, 5, [..."12345"]],
])("on a scale from %i to %i a digit is the key of that point", async (low, high, expected) => {
  const scale: Field = { name: "stars", type: "rating", title: { en: "How good?" }, settings: { low, high } };
  await loadWidgets([scale], {});
  expect(keysOf(scale, "en", {})).toEqual(expected);
}, 60_000);

it.each([
  ["values", ["0", "1", "2", "7"]],
  ["numbers as values", [0, 1, 2, 7]],
])("gives options whose %s are digits the key of that digit", (_, digits) => {
  expect(withKeys(digits.map((value) => ({ value, label: `digit ${value}` }))).map((option) => option.key)).toEqual(["0", "1", "2", "7"]);
});

it.each([[["1", "1"]], [["10", "20"]], [["3D", "2nd"]], [["1.5", "2,5"]]])("gives %j keys by their order", (labels) => {
  expect(keys(labels)).toEqual(["1", "2"]);
});

it.each([
  ["12", [["1", "2"]]],
  ["1234567890", [["0", "9"]]],
  ["1234567890qw", [["0", "9"], ["q", "w"]]],
  ["qw012", [["0", "2"], ["q", "w"]]],
  ["0127", [["0", "2"], ["7"]]],
  ["", []],
])("tells the keys %s in few words", (all, expected) => {
  expect(keyRanges([...all])).toEqual(expected);
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

it("finds options in Turkish with either i, and English ones among them", () => {
  const places = ["İzmir", "Iğdır", "India"].map((label, value) => ({ value, label }));
  const found = (query: string, language: string) => matching(places, query, language).map((option) => option.label);
  expect([found("izmir", "tr"), found("ığdır", "tr"), found("IND", "tr"), found("ind", "tr")]).toEqual([["İzmir"], ["Iğdır"], ["India"], ["India"]]);
  expect([found("izmir", "en"), found("iğdir", "en")]).toEqual([["İzmir"], ["Iğdır"]]);
});
