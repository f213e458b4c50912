import { beforeAll, describe, expect, test } from "vitest";
import { learn } from "../lib/i18n";
import type { Field, TaskSpec } from "../lib/wire";
import { answerLabel, distribution, withTitles } from "./labels";

const title = { en: "Animal" };
const choice: Field = {
  name: "animal",
  type: "choice",
  title,
  settings: {
    options: [
      { value: "dog", label: { en: "Dog", ru: "Собака" } },
      { value: "cat", label: { en: "Cat" } },
    ],
  },
};
const boolean: Field = {
  name: "sharp",
  type: "boolean",
  title,
  settings: {
    options: [
      { value: true, label: { en: "Yes" } },
      { value: false, label: { en: "No" } },
    ],
  },
};
const rating: Field = { name: "score", type: "rating", title, settings: { low: 1, high: 3, points: [{ value: 3, label: { en: "good" } }] } };

beforeAll(async () => {
  await learn("en");
  await learn("ru");
});

describe("answers as people read them", () => {
  test("several values stand one after the other, each by its label", () => {
    expect(answerLabel(choice, ["dog", "cat"], "ru")).toBe("Собака, Cat");
    expect(answerLabel(undefined, ["a dog", "a hen"], "en")).toBe("a dog, a hen");
  });

  test("an option by its label, in English where the language has none", () => {
    expect(answerLabel(choice, "dog", "ru")).toBe("Собака");
    expect(answerLabel(choice, "cat", "ru")).toBe("Cat");
  });

  test("what was drawn, marked or recorded in a few words", () => {
    const drawn = (...labels: string[]) => ({ width: 9, height: 9, shapes: labels.map((label) => ({ label, box: [0, 0, 1, 1] })) });
    expect(answerLabel(choice, drawn("dog", "cat", "dog"), "ru")).toBe("Собака × 2, Cat");
    expect(answerLabel(choice, drawn(), "en")).toBe("Nothing to mark here");
    expect(answerLabel(choice, [drawn("dog", "cat"), drawn()], "en")).toBe("Dog, Cat · Nothing to mark here");
    expect(answerLabel({ ...choice, type: "spans" }, [], "en")).toBe("Nothing to mark here");
    expect(answerLabel({ ...choice, type: "several" }, [], "ru")).toBe("Ничего из этого");
    expect(answerLabel(undefined, { width: 9, height: 9, shapes: [{ point: [1, 1] }] }, "en")).toBe("1 shape");
    expect(answerLabel(choice, { width: 9, height: 9, frames: 5, tracks: [{ id: 1, label: "dog", keys: [] }] }, "en")).toBe("Dog");
    expect(answerLabel(choice, { width: 9, height: 9, frames: 5, tracks: [] }, "en")).toBe("Nothing to mark here");
    expect(answerLabel(choice, ["dog", "dog", "cat"].map((label) => ({ label, centre: [0, 0, 0] })), "ru")).toBe("Собака × 2, Cat");
    expect(answerLabel({ ...choice, type: "cuboids" }, [], "en")).toBe("Nothing to mark here");
    expect(answerLabel({ ...rating, type: "turns" }, [2, 2, 3].map((label, turn) => ({ turn, label })), "en")).toBe("2 × 2, good");
    expect(answerLabel(choice, [{ start: 0, end: 3, label: "dog", text: "Rex" }], "en")).toBe("“Rex” Dog");
    expect(answerLabel(choice, [{ from: 0, to: 2 }, { from: 3, to: 1, label: "dog" }], "en")).toBe("1 → 3, 4 → 2 · Dog");
    expect(answerLabel({ ...choice, type: "links" }, [], "en")).toBe("Nothing to mark here");
    const names: Field = { name: "names", type: "spans", title: {} };
    const linking: Field = { ...choice, type: "links", settings: { ...choice.settings, a: "names", b: "names" } };
    const linked = { inputs: { names: [{ text: "Ann" }, { text: "Bob" }] }, among: [names] };
    expect(answerLabel(linking, [{ from: 0, to: 1, label: "dog" }], "ru", linked)).toBe("1 Ann → 2 Bob · Собака");
    expect(answerLabel(linking, [{ from: 0, to: 1 }], "en")).toBe("1 → 2");
    expect(distribution(linking, { '[{"from":0,"to":1,"label":"dog"}]': 3 }, "en")).toContainEqual({ label: "1 → 2 · Dog", value: 3 });
    expect(answerLabel(choice, [{ start: 0, end: 1.25, label: "dog" }, { start: 2, end: 3, label: "cat", text: "" }], "en")).toBe("0:00.00–0:01.25 Dog, 0:02.00–0:03.00 Cat");
    expect(answerLabel(undefined, { media: "ab.wav", seconds: 3.2 }, "en")).toBe("3\u00a0sec");
    expect(answerLabel(undefined, { media: "ab.png" }, "en")).toBe("ab.png");
  });

  test("a value that is no option, or nothing", () => {
    expect(answerLabel(choice, "<b>wolf</b>", "en")).toBe("<b>wolf</b>");
    expect(answerLabel(choice, null, "en")).toBe("");
    expect(answerLabel(undefined, 0.5, "en")).toBe("0.5");
  });

  test("yes and no, as JSON values and as keys of counts", () => {
    expect(answerLabel(boolean, true, "en")).toBe("Yes");
    expect(distribution(boolean, { False: 3, true: 1 }, "en")).toEqual([
      { label: "No", value: 3 },
      { label: "Yes", value: 1 },
    ]);
  });

  test("a point of a scale keeps its number", () => {
    expect(answerLabel(rating, 3, "en")).toBe("3 · good");
    expect(answerLabel(rating, 2, "en")).toBe("2");
  });
});

describe("how often each answer was given", () => {
  test("options that nobody chose count nothing, and other answers are not lost", () => {
    expect(distribution(choice, { cat: 2, wolf: 5 }, "en")).toEqual([
      { label: "wolf", value: 5 },
      { label: "Cat", value: 2 },
      { label: "Dog", value: 0 },
    ]);
  });

  test("a scale stays in its order", () => {
    expect(distribution(rating, { "1": 1, "2": 9, "3": 4 }, "en").map((row) => row.value)).toEqual([1, 9, 4]);
  });
});

test("a number has its unit as workers see it", () => {
  const weight = { name: "weight", type: "number", title: {}, settings: { unit: { en: "kg", ru: "кг" } } } as unknown as Field;
  expect(answerLabel(weight, 12.5, "en")).toBe("12.5\u00a0kg");
  expect(answerLabel(weight, 12.5, "ru")).toBe("12,5\u00a0кг");
});

test("a ranking is told by what the inputs are called that it puts in order", () => {
  const order: Field = { name: "order", type: "ranking", title, settings: { inputs: ["one", "two"] } };
  const inputs: Field[] = [
    { name: "one", type: "text", title: { en: "The first text", ru: "Первый текст" } },
    { name: "two", type: "text", title: { en: "The second text" } },
  ];
  const task = { id: "best", name: title, instruction: title, duration: 5, inputs, outputs: [order, choice] } as TaskSpec;
  const [named, same] = withTitles(task).outputs;
  expect(answerLabel(order, ["two", "one"], "ru")).toBe("two, one");
  expect(answerLabel(named, ["two", "one"], "ru")).toBe("The second text, Первый текст");
  expect(same).toBe(choice);
});
