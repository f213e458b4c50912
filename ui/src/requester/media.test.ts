import { expect, test } from "vitest";
import type { Field } from "../lib/wire";
import { endingOf, filledByFiles, kindsOf, rowsOfFiles, unnamed, withStored } from "./media";

const field = (name: string, type: string, optional = false): Field => ({ name, type, title: {}, hint: {}, settings: {}, required: !optional }) as unknown as Field;
const photo = field("photo", "image");
const clip = field("clip", "audio");
const text = field("text", "text");

test("files are rows by themselves where nothing else is needed", () => {
  expect(filledByFiles([photo])).toBe(photo);
  expect(filledByFiles([field("text", "text", true), photo])).toBe(photo);
  expect(filledByFiles([photo, clip])).toBeUndefined();
  expect(filledByFiles([photo, text])).toBeUndefined();
  expect(filledByFiles([text])).toBeUndefined();
  expect(rowsOfFiles(["a.png"], photo)).toEqual([{ id: "a.png", photo: "a.png" }]);
});

test("rows name the files that are chosen beside them", () => {
  const stored = new Map([["a.png", "0.png"]]);
  const rows = [{ photo: "a.png", text: "a.png" }, { photo: "https://example.org/b.png" }, { text: "none" }];
  expect(withStored(rows, [photo, text], stored)).toEqual([{ photo: { media: "0.png" }, text: "a.png" }, rows[1], rows[2]]);
  expect(unnamed(["a.png", "c.png"], rows, [photo, text])).toEqual(["c.png"]);
});

test("a chooser offers the kinds of files that the inputs take", () => {
  expect(kindsOf([photo, clip, text])).toBe("image/*,audio/*");
  expect([endingOf("a.b.PNG"), endingOf("none"), endingOf("x.toolongending")]).toEqual(["png", "", ""]);
});
