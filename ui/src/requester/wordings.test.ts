import { expect, test } from "vitest";
import type { TaskSpec } from "../lib/wire";
import { othersThan, touched, withWordings, wordings } from "./wordings";

const task: TaskSpec = {
  id: "animal",
  name: { en: "Animals", de: "Tiere" },
  instruction: { en: "Look." },
  duration: 5,
  inputs: [{ name: "photo", type: "image", title: { en: "Photo" } }],
  outputs: [
    {
      name: "answer",
      type: "choice",
      title: { en: "Answer", ru: "Ответ" },
      settings: { options: [{ value: "dog", label: { en: "Dog" }, hint: { en: "It barks." } }, { value: "cat", label: { en: "Cat" } }] },
    },
    { name: "why", type: "text", title: { en: "Why" }, settings: { hint: { en: "In a few words" }, lines: 3 } },
  ],
};

test("all short texts of a task are found by what they are of", () => {
  expect(wordings(task).map(({ what, of, said }) => [what, of, said.en])).toEqual([
    ["instruction", "", "Look."],
    ["name", "", "Animals"],
    ["title", "photo", "Photo"],
    ["title", "answer", "Answer"],
    ["label", "answer: dog", "Dog"],
    ["hint", "answer: dog", "It barks."],
    ["label", "answer: cat", "Cat"],
    ["title", "why", "Why"],
    ["hint", "why", "In a few words"],
  ]);
});

test("what was not touched stays as it was, other languages too", () => {
  const texts = wordings(task);
  expect(touched(task, texts)).toEqual([]);
  expect(withWordings(task, touched(task, texts))).toEqual(task);
  const changed = texts.map((text) => (text.what === "name" ? { ...text, said: { ...text.said, en: " Pets ", uz: " " } } : text.of === "answer: dog" && text.what === "label" ? { ...text, said: { ...text.said, kk: "Ит" } } : text));
  const now = withWordings(task, touched(task, changed));
  expect(now.name).toEqual({ en: "Pets", de: "Tiere" });
  expect(now.outputs[0]?.settings).toEqual({
    options: [{ value: "dog", label: { en: "Dog", kk: "Ит" }, hint: { en: "It barks." } }, { value: "cat", label: { en: "Cat" } }],
  });
  expect(task.name.en).toBe("Animals");
});

test("beside English one writes in the reader's language, in those that the texts have, and in those of the pages", () => {
  expect(othersThan("uz", [{ en: "Look.", de: "Schau." }], ["en", "es", "uz"])).toEqual(["uz", "de", "es"]);
  expect(othersThan("en", [{ en: "Look." }], ["en", "es"])).toEqual(["es"]);
});
