import { expect, test } from "vitest";
import { askedTurns, partOf, sharedBeginning, withLabel } from "./turns";

const say = (role: string, text: string) => ({ role, text });
const HELLO = say("user", "Hello");

test("two sessions that begin alike share their beginning, and the rest of each keeps its numbers", () => {
  const shared = sharedBeginning([
    [HELLO, say("assistant", "Hi"), say("user", "Why?")],
    [HELLO, say("assistant", "Good day")],
  ]);
  expect(shared?.common).toEqual({ from: 0, turns: [HELLO], shared: true });
  expect(shared?.rest).toEqual([
    { from: 1, turns: [say("assistant", "Hi"), say("user", "Why?")] },
    { from: 1, turns: [say("assistant", "Good day")] },
  ]);
});

test("nothing is shared where the first turns differ, or where there is one session only", () => {
  expect(sharedBeginning([[HELLO], [say("user", "Bye")]])).toBeUndefined();
  expect(sharedBeginning([[HELLO]])).toBeUndefined();
  expect(sharedBeginning([[], [HELLO]])).toBeUndefined();
});

test("of two equal sessions all is shared and nothing is left", () => {
  expect(sharedBeginning([[HELLO], [HELLO]])?.rest).toEqual([
    { from: 1, turns: [] },
    { from: 1, turns: [] },
  ]);
});

test("the turns of a role are asked about, or all", () => {
  const part = partOf([HELLO, say("assistant", "Hi"), HELLO, say("assistant", "")]);
  expect(askedTurns(part, "assistant")).toEqual([1, 3]);
  expect(askedTurns(part, null)).toEqual([0, 1, 2, 3]);
  expect(askedTurns(partOf(undefined), null)).toEqual([]);
});

test("an answer to a turn replaces the one before it, and all stay in order", () => {
  const first = withLabel(withLabel([], 3, "good"), 1, "bad");
  expect(first).toEqual([
    { turn: 1, label: "bad" },
    { turn: 3, label: "good" },
  ]);
  expect(withLabel(first, 3, "bad")[1]).toEqual({ turn: 3, label: "bad" });
});
