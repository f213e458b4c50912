import { describe, expect, it } from "vitest";
import { covered, meaning, whereIs, type Pressed } from "./keys";

function pressed(key: string, more: Partial<Pressed> = {}): Pressed {
  return { key, code: "", shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, keyCode: 0, repeat: false, ...more };
}

describe("on the page", () => {
  it("digits and letters go to the item in focus", () => {
    expect(meaning(pressed("3"), "page")).toEqual({ kind: "press", key: "3" });
    expect(meaning(pressed("+"), "page")).toEqual({ kind: "press", key: "+" });
    expect(meaning(pressed(" "), "page")).toEqual({ kind: "press", key: " " });
  });

  it.each([
    ["z", "ENGLISH with Caps Lock", { key: "Z", code: "KeyZ" }],
    ["z", "Russian", { key: "я", code: "KeyZ" }],
    ["q", "French, where Q stands at the place of A", { key: "q", code: "KeyA" }],
    ["1", "French without Shift", { key: "&", code: "Digit1" }],
    ["1", "French with Shift", { key: "1", code: "Digit1", shiftKey: true }],
    ["7", "Arabic", { key: "٧", code: "Digit7" }],
    ["3", "Persian, by the number pad", { key: "۳", code: "Numpad3" }],
    ["5", "full-width", { key: "５", code: "Digit5" }],
    ["2", "Czech, where digits need Shift", { key: "ě", code: "Digit2" }],
    ["6", "French, where the place of 6 has a sign", { key: "-", code: "Digit6" }],
    ["4", "waiting for what an input method makes of it", { key: "Process", code: "Digit4" }],
    ["e", "waiting for what an accent belongs to", { key: "Dead", code: "KeyE" }],
    ["!", "English with Shift", { key: "!", code: "Digit1", shiftKey: true }],
    ["+", "English", { key: "+", code: "Equal", shiftKey: true }],
  ])("%s is meant on a keyboard that is %s", (meant, _, { key, ...more }) => {
    expect(meaning(pressed(key, more), "page")).toEqual({ kind: "press", key: meant });
  });

  it.each(["?", "؟", "？"])("%s asks which keys there are", (key) => {
    expect(meaning(pressed(key, { code: "Slash", shiftKey: true }), "page")).toEqual({ kind: "help" });
    expect(meaning(pressed(key), "writing")).toBeNull();
  });

  it("Backspace takes an answer back", () => {
    expect(meaning(pressed("Backspace", { code: "Backspace" }), "page")).toEqual({ kind: "press", key: "Backspace" });
  });

  it("arrows move between items", () => {
    expect(meaning(pressed("ArrowDown"), "page")).toEqual({ kind: "move", by: 1 });
    expect(meaning(pressed("ArrowUp"), "page")).toEqual({ kind: "move", by: -1 });
  });

  it("Enter sends, but not again and again while it is held", () => {
    expect(meaning(pressed("Enter"), "page")).toEqual({ kind: "submit" });
    expect(meaning(pressed("Enter", { repeat: true }), "page")).toBeNull();
  });

  it("a key that is held answers only once", () => {
    expect(meaning(pressed("1", { repeat: true }), "page")).toBeNull();
  });

  it("Ctrl+Z takes the last answer back, but for fields that take back what was written", () => {
    const undo = pressed("z", { code: "KeyZ", ctrlKey: true });
    for (const where of ["page", "radio", "control"] as const) expect(meaning(undo, where)).toEqual({ kind: "undo" });
    for (const where of ["writing", "line"] as const) expect(meaning(undo, where)).toBeNull();
    expect(meaning(pressed("я", { code: "KeyZ", metaKey: true }), "page")).toEqual({ kind: "undo" });
    expect(meaning(pressed("Z", { code: "KeyZ", ctrlKey: true, shiftKey: true }), "page")).toBeNull();
  });

  it("the browser's own shortcuts stay the browser's", () => {
    expect(meaning(pressed("1", { ctrlKey: true }), "page")).toBeNull();
    expect(meaning(pressed("1", { metaKey: true }), "page")).toBeNull();
    expect(meaning(pressed("ArrowLeft", { altKey: true }), "page")).toBeNull();
    expect(meaning(pressed("Tab"), "page")).toBeNull();
    expect(meaning(pressed("Escape"), "page")).toBeNull();
  });
});

describe("in controls", () => {
  it("whoever writes a text writes digits, and sends with Ctrl and Enter", () => {
    expect(meaning(pressed("1"), "writing")).toBeNull();
    expect(meaning(pressed("Enter"), "writing")).toBeNull();
    expect(meaning(pressed("Enter", { ctrlKey: true }), "writing")).toEqual({ kind: "submit" });
    expect(meaning(pressed("Enter", { ctrlKey: true, isComposing: true }), "writing")).toBeNull();
  });

  it("Enter ends the one line of a field, and no other key does anything there", () => {
    expect(meaning(pressed("Enter"), "line")).toEqual({ kind: "submit" });
    expect(["1", "ArrowDown", "?", "Backspace", " "].map((key) => meaning(pressed(key), "line"))).toEqual([null, null, null, null, null]);
  });

  it("Enter that ends the composing of an input method is no other key, whichever way the browser says so", () => {
    for (const where of ["writing", "line", "radio", "page"] as const) {
      expect(meaning(pressed("Enter", { isComposing: true }), where)).toBeNull();
      expect(meaning(pressed("Enter", { keyCode: 229 }), where)).toBeNull();
      expect(meaning(pressed("Enter", { keyCode: 229, ctrlKey: true }), where)).toBeNull();
    }
  });

  it("arrows and space on an option choose, digits and Enter work as everywhere", () => {
    expect(meaning(pressed("ArrowDown"), "radio")).toBeNull();
    expect(meaning(pressed(" "), "radio")).toBeNull();
    expect(meaning(pressed("2"), "radio")).toEqual({ kind: "press", key: "2" });
    expect(meaning(pressed("Enter"), "radio")).toEqual({ kind: "submit" });
  });

  it("Enter and space on a button press that button", () => {
    expect(meaning(pressed("Enter"), "control")).toBeNull();
    expect(meaning(pressed(" "), "control")).toBeNull();
  });
});

it("tells where the keyboard is by the element", () => {
  document.body.innerHTML = `<input type="radio"><input type="search"><input enterkeyhint="next"><input type="checkbox"><input type="range"><textarea></textarea><button><b>x</b></button><article></article>`;
  const where = [...document.querySelectorAll("body *")].map((element) => [element.localName, whereIs([element])]);
  expect(where).toEqual([
    ["input", "radio"],
    ["input", "writing"],
    ["input", "line"],
    ["input", "radio"],
    ["input", "radio"],
    ["textarea", "writing"],
    ["button", "control"],
    ["b", "control"],
    ["article", "page"],
  ]);
  expect(whereIs([])).toBe("page");
});

it("knows that an enlarged picture lies over the page", () => {
  document.body.innerHTML = "<dialog></dialog>";
  expect(covered()).toBe(false);
  document.querySelector("dialog")!.setAttribute("open", "");
  expect(covered()).toBe(true);
});
