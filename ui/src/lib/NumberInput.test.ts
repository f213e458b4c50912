import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeAll, expect, test } from "vitest";
import { learn } from "./i18n";
import NumberInput from "./NumberInput.svelte";

let shown: ReturnType<typeof mount> | undefined;

beforeAll(async () => {
  await Promise.all(["en", "ru"].map(learn));
});
afterEach(() => {
  if (shown) void unmount(shown);
  document.body.innerHTML = "";
});

/** What is said of a number that was typed, and what is answered by it. */
function typed(text: string, language: string, whole: boolean, settings = {}): [string, unknown] {
  let answer: unknown;
  const field = { name: "n", type: whole ? "integer" : "number", title: { en: "N" }, settings };
  shown = mount(NumberInput, { target: document.body, props: { field, value: undefined, mode: "answer", language, whole, onchange: (value: unknown) => (answer = value) } as never });
  const input = document.querySelector("input")!;
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  flushSync();
  return [document.querySelector("p")!.textContent!, answer];
}

test("where a comma may part thousands or a fraction, only spellings that are taken are asked for", () => {
  expect(typed("12,345", "ru", true)).toEqual(["«12,345» можно прочесть как дробь: напишите 12345", undefined]);
  void unmount(shown!);
  expect(typed("12345", "ru", true)).toEqual(["", 12345]);
  void unmount(shown!);
  expect(typed("12,345", "en", false)).toEqual(["“12,345” may be read in two ways: write 12345 or 12.345", undefined]);
  void unmount(shown!);
  expect(typed("12.345", "en", false)).toEqual(["", 12.345]);
});

test("where the step leaves one reading, no other one is asked for", () => {
  const [said, answer] = typed("12,345", "en", false, { step: 0.01 });
  expect(said).toContain("12345");
  expect(said).not.toContain("12.345");
  expect(said).toContain("0.01");
  expect(answer).toBeUndefined();
});
