import { expect, test } from "vitest";
import type { Said } from "./settling.svelte";
import { step, toTell } from "./wall";

// Three rows of three, three and one.
const tops = [0, 0, 0, 90, 90, 90, 180];

test("arrows go along the rows and from row to row, and nowhere beyond the wall", () => {
  expect(["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"].map((key) => step(key, 4, tops))).toEqual([5, null, 3, 1]);
  expect(step("ArrowDown", 3, tops)).toBe(6);
  expect([step("ArrowUp", 0, tops), step("ArrowRight", 6, tops)]).toEqual([null, null]);
  expect([step("Home", 4, tops), step("End", 4, tops), step("q", 4, tops)]).toEqual([0, 6, null]);
});

test("a wall of one row has no other", () => {
  expect([step("ArrowDown", 0, [5, 5]), step("ArrowRight", 0, [5, 5])]).toEqual([null, 1]);
});

test("an item that was sent back for more opinions long ago tells its answer, and one that was sent back now tells that", () => {
  const more: Said = { kind: "ask_more", item: "a", count: 1 };
  const aside: Said = { kind: "set_aside", item: "a" };
  expect([toTell(more, more), toTell({ ...more }, more), toTell(more, undefined), toTell(aside, aside)]).toEqual([undefined, more, more, aside]);
});
