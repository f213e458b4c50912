import { expect, test } from "vitest";

import { formatsOf } from "./formats";

test("formats are offered that hold the answers of one question", () => {
  expect(formatsOf(["boxes", "choice"], "check")).toEqual(["coco", "yolo", "voc", "cvat", "kitti", "label-studio"]);
  expect(formatsOf(["recording"], "collect")).toEqual(["folder"]);
  expect(formatsOf(["boxes", "boxes"], "merge")).toEqual([]);
  expect(formatsOf(["spans"], "collect")).toEqual(["label-studio"]);
  expect(formatsOf(["choice"], "consensus")).toEqual([]);
});
