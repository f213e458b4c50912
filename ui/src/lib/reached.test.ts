import { beforeAll, expect, test } from "vitest";
import { actsOf, loadWidgets, reached } from "./widgets";
import type { Field, TaskSpec } from "./wire";

const field = (name: string, type: string, settings: Record<string, unknown> = {}): Field => ({ name, type, title: { en: name }, settings });
const task = (inputs: Field[], outputs: Field[]): TaskSpec => ({ id: "t", name: {}, instruction: {}, duration: 1, inputs, outputs });
const keys = (told: TaskSpec): string[] => actsOf(reached(told)).map(({ key }) => key);
const photo = field("photo", "image");
const found = field("found", "boxes", { of: "photo" });

beforeAll(() => loadWidgets(["image", "boxes", "links", "mask", "audio", "segments", "choice"].map((type) => field(type, type))));

test("keys of what another widget draws are told only where that one takes them", () => {
  expect(keys(task([photo], [field("answer", "choice")]))).toEqual(["z"]);
  expect(keys(task([photo], [field("answer", "mask")]))).toEqual([]);
  expect(keys(task([photo], [field("answer", "boxes")]))).toEqual([]);
  expect(keys(task([photo, found], [field("answer", "choice")]))).toEqual(["v", "+", "-"]);
  expect(keys(task([photo, found], [field("answer", "links", { a: "found", b: "found" })]))).toEqual([]);
  expect(keys(task([field("sound", "audio")], [field("answer", "segments")]))).toEqual([" "]);
});
