import { expect, test } from "vitest";
import { Joined } from "./joined";
import type { Part } from "./turns";

const PART: Part = { from: 0, turns: [{ role: "user", text: "Hi 🙂 you" }, { role: "assistant", text: "" }, { role: "assistant", text: "All 🙂 well" }] };
const joined = new Joined(PART, "assistant", (turn) => turn.role);
const points = (text: string): string[] => [...text];

test("spans of turns are those of the whole, and come back as they were", () => {
  const given = [{ turn: 2, start: 6, end: 10, label: "x", text: "well" }];
  const [whole] = joined.toWhole(given) as { start: number; end: number }[];
  expect(points(joined.text).slice(whole!.start, whole!.end).join("")).toBe("well");
  expect(joined.toTurns([whole])).toEqual(given);
});

test("neither another's turn, nor the name of who speaks, nor two turns at once can be marked", () => {
  const at = (piece: string): { start: number; end: number } => {
    const start = points(joined.text.slice(0, joined.text.indexOf(piece))).length;
    return { start, end: start + points(piece).length };
  };
  expect(joined.hindrance(at("well"))).toBe("");
  for (const piece of ["you", "assistant", "\nassistant:\nAll"]) expect(joined.hindrance(at(piece))).toBe("span_in_no_turn");
});

test("that nothing is marked, and that nothing is said, stay what they are", () => {
  for (const value of [[], undefined]) {
    expect(joined.toWhole(value)).toEqual(value);
    expect(joined.toTurns(value)).toEqual(value);
  }
});
