import { expect, test } from "vitest";
import { pictureOf } from "./confusions";

const counts = [
  { question: "pet", came_out: "dog", given: "dog", count: 3 },
  { question: "pet", came_out: "dog", given: "cat", count: 1 },
  { question: "pet", came_out: "cat", given: "dog", count: 0 },
  { question: "pet", came_out: "cat", given: "cat", count: 0 },
  { question: "size", came_out: 1, given: 1, count: 9 },
];

test("a question's counts are a square with shares by row, and nothing of other questions", () => {
  const { rows } = pictureOf(counts, "pet");
  expect(rows.map((row) => row.value)).toEqual(["dog", "cat"]);
  expect(rows.map((row) => row.cells.map((cell) => cell.share))).toEqual([[0.75, 0.25], [0, 0]]);
});
