import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeAll, expect, test } from "vitest";
import FieldView from "./FieldView.svelte";
import { learn } from "./i18n";
import InLanguage from "./InLanguage.svelte";
import { loadWidgets } from "./widgets";

const OPTIONS = [
  { value: "dog", label: { en: "dog", es: "perro" } },
  { value: "cat", label: { en: "cat" }, hint: { en: "A small one", es: "Uno pequeño" } },
];
const FIELD = { name: "animal", type: "choice", title: { en: "Animal", es: "Animal" }, settings: { options: OPTIONS } };

let shown: ReturnType<typeof mount> | undefined;

beforeAll(async () => {
  await loadWidgets([FIELD]);
  await Promise.all(["en", "es"].map(learn));
});
afterEach(() => {
  if (shown) void unmount(shown);
  document.body.innerHTML = "";
});

function draw(language: string, options: unknown[] = OPTIONS): void {
  shown = mount(FieldView, { target: document.body, props: { field: { ...FIELD, settings: { options } }, value: undefined, mode: "answer", language } as never });
  flushSync();
}

test("an instruction that a reader's language lacks says which language it is in", () => {
  shown = mount(InLanguage, { target: document.body, props: { texts: [{ en: "Look." }], language: "es" } });
  expect(document.querySelector(".badge")!.textContent).toBe("en inglés");
  expect(document.querySelector(".badge")!.getAttribute("lang")).toBe("es");
});

test("a question is marked where one of its options is in English, and each text has its language", () => {
  draw("es");
  expect(document.querySelector(".title .badge")!.textContent).toBe("ENen inglés");
  expect([...document.querySelectorAll(".label")].map((label) => [label.textContent, label.getAttribute("lang")])).toEqual([
    ["perro", "es"],
    ["cat", "en"],
  ]);
  expect(document.querySelector(".hint")!.getAttribute("lang")).toBe("es");
});

test("nothing is marked where all is in the reader's language", () => {
  draw("es", OPTIONS.slice(0, 1));
  expect(document.querySelector(".badge")).toBeNull();
});

test("to readers of English nothing is foreign", () => {
  draw("en");
  expect(document.querySelector(".badge")).toBeNull();
});
