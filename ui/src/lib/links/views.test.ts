import { expect, test } from "vitest";
import type { Field } from "../wire";
import { drawnWith, viewsIn, viewsOf } from "./views";

const field = (name: string, type: string, settings = {}): Field => ({ name, type, title: {}, settings });
const links = (a: string, b: string) => field("answer", "links", { a, b });
const seen = (a: string, b: string, ...among: Field[]) => viewsOf(links(a, b), among).map(({ kind, input, sides }) => [kind, input.name, ...sides]);

const TEXT = field("text", "text");
const NAMES = field("names", "spans", { of: "text" });
const FRONT = field("front", "image");
const BACK = field("back", "image");
const FOUND = field("found", "boxes", { of: "front" });
const OTHERS = field("others", "boxes", { of: "back" });
const SOLID = field("solid", "cuboids");

test("objects of a text are seen in it, be they one side or both", () => {
  expect(seen("names", "names", TEXT, NAMES)).toEqual([["text", "text", 0, 1]]);
  expect(seen("names", "found", TEXT, NAMES, FRONT, FOUND)).toEqual([["text", "text", 0], ["image", "front", 1]]);
});

test("two pictures are both there, with the objects of each", () => {
  expect(seen("found", "others", FRONT, BACK, FOUND, OTHERS)).toEqual([["image", "front", 0], ["image", "back", 1]]);
  expect(drawnWith(links("found", "others"), [FRONT, BACK, FOUND, OTHERS])).toEqual(["found", "others", "front", "back"]);
});

test("cuboids are seen on a picture where it is told how its camera sees, and else in the list only", () => {
  const cameras = field("cameras", "calibration");
  expect(seen("solid", "found", FRONT, cameras, SOLID, FOUND)).toEqual([["image", "front", 0, 1]]);
  expect(drawnWith(links("solid", "found"), [FRONT, cameras, SOLID, FOUND])).toEqual(["solid", "found", "front", "cameras"]);
  expect(seen("solid", "found", FRONT, SOLID, FOUND)).toEqual([["image", "front", 1]]);
  expect(seen("solid", "solid", SOLID)).toEqual([]);
});

test("what an item lacks is not shown", () => {
  expect(viewsIn(links("names", "names"), [TEXT, NAMES], { text: null })).toEqual([]);
  expect(viewsIn(links("names", "names"), [TEXT, NAMES], { text: "" })).toHaveLength(1);
});
