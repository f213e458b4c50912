import { expect, test } from "vitest";
import { stepTo } from "./parts/menu";

const NAMES = ["Rename…", "Archive…", "Restore", "Удалить…"];

test.each([
  ["ArrowDown", 0, 1],
  ["ArrowDown", 3, 0],
  ["ArrowUp", 0, 3],
  ["ArrowUp", -1, 3],
  ["Home", 2, 0],
  ["End", 1, 3],
  ["r", 0, 2],
  ["R", 2, 0],
  ["у", 0, 3],
  ["x", 1, null],
  [" ", 1, null],
  ["Enter", 1, null],
])("%s leads from %i to %s", (key, at, to) => {
  expect(stepTo(key, NAMES, at)).toBe(to);
});
