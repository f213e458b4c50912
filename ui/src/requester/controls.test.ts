import { expect, test } from "vitest";
import type { Field } from "../lib/wire";
import { controlRows, ratherOf } from "./controls";

const output = { name: "animal", type: "choice" } as Field;
const table = [
  { id: "a", text: "x", animal: "dog", answered: 9, missed: 2, miss_low: 0.06, miss_high: 0.55, shown: true, suspicion: null, rather: null },
  { id: "b", text: "y", animal: "dog", answered: 3, missed: 3, miss_low: 0.44, miss_high: 1, shown: true, suspicion: 729.5, rather: "cat" },
  { id: 7, text: "z", animal: null, answered: 0, missed: 0, miss_low: null, miss_high: null, shown: false, suspicion: null, rather: null },
];

test("the control item that good workers contradict comes first, and is known what they say instead", () => {
  const rows = controlRows(table, [output]);
  expect(rows.map((row) => row.key)).toEqual(["b", "a", "7"]);
  expect(ratherOf(rows[0]!, [output])).toEqual({ animal: "cat" });
  expect([rows[2]!.low, rows[2]!.shown]).toEqual([null, false]);
});

test("of several questions only the one in doubt is answered otherwise", () => {
  const two = [output, { name: "size", type: "choice" } as Field];
  const [row] = controlRows([{ ...table[1], size: "big", rather: { size: "small" } }], two);
  expect(ratherOf(row!, two)).toEqual({ animal: "dog", size: "small" });
});
