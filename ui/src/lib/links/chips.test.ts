import { describe, expect, test } from "vitest";
import { badgesOf, chipsOf, huesOf, letterOf, stretchesOf } from "./chips";
import { hueOf } from "../hues";

const TEXT = "Ann and 👍 she, the sister of Bob";
/** Ann, she, "the sister of Bob", and Bob in it. */
const PARTS = [{ start: 0, end: 3 }, { start: 10, end: 13 }, { start: 15, end: 32 }, { start: 29, end: 32 }];

describe("objects of a text", () => {
  test("lie where Python counts them, in the order in which they are read", () => {
    const chips = chipsOf(TEXT, [[0, [...PARTS].reverse()]]);
    expect(chips.map(({ start, stop }) => TEXT.slice(start, stop))).toEqual(["Ann", "she", "the sister of Bob", "Bob"]);
    expect(chips.map(({ place }) => place)).toEqual([3, 2, 1, 0]);
  });

  test("that lie outside of it are none", () => {
    expect(chipsOf("Ann", [[0, [{ start: 2, end: 9 }, { start: 3, end: 3 }, { label: "a" }]]])).toEqual([]);
  });

  test("cut it where they begin and end, and a press means the shortest", () => {
    const stretches = stretchesOf(TEXT, chipsOf(TEXT, [[0, PARTS]]));
    expect(stretches.map(({ text }) => text).join("")).toBe(TEXT);
    expect(stretches.map(({ text, chip }) => [text, chip])).toEqual([["Ann", 0], [" and 👍 ", -1], ["she", 1], [", ", -1], ["the sister of ", 2], ["Bob", 3]]);
    expect(stretches.at(-1)).toMatchObject({ first: true, ends: [2, 3] });
  });

  test("that are there twice are both there, though only one can be pressed in the text", () => {
    const [stretch, ...more] = stretchesOf("Ann", chipsOf("Ann", [[0, [{ start: 0, end: 3 }]], [1, [{ start: 0, end: 3 }]]]));
    expect(more).toEqual([]);
    expect(stretch).toEqual({ text: "Ann", chip: 0, first: true, ends: [0, 1] });
  });

  test("a text without any is one stretch", () => expect(stretchesOf("Ann", [])).toEqual([{ text: "Ann", chip: -1, first: false, ends: [] }]));
});

describe("pairs", () => {
  test("have letters, and two of them after Z", () => expect([0, 25, 26, 27, 52, 701, 702].map(letterOf)).toEqual(["A", "Z", "AA", "AB", "BA", "ZZ", "AAA"]));

  test("say which way they lead, where that is asked", () => {
    const links = [{ from: 1, to: 0 }, { from: 2, to: 1 }];
    const worn = (side: 0 | 1, place: number, directed = true, same = true) => badgesOf({ side, place }, links, directed, same, [0, 1]).map(({ text }) => text);
    expect(worn(0, 1)).toEqual(["A→", "→B"]);
    expect(worn(0, 1, false)).toEqual(["A", "B"]);
    expect(worn(0, 1, true, false)).toEqual(["A→"]);
    expect(worn(1, 1, true, false)).toEqual(["→B"]);
  });

  test("have the colour of their label where links have labels, else one of their own", () => {
    const links = [{ from: 0, to: 1, label: "after" }, { from: 1, to: 2, label: "before" }, { from: 2, to: 3, label: "after" }];
    expect(huesOf(links, ["before", "after"])).toEqual([hueOf(1), hueOf(0), hueOf(1)]);
    expect(huesOf(links, [])).toEqual([hueOf(0), hueOf(1), hueOf(2)]);
  });
});
