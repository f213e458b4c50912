import { mount, unmount, flushSync } from "svelte";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { whereIs } from "../worker/keys";
import { learn } from "./i18n";
import { attempt, isOwn, loadOwn, newElement } from "./own";
import OwnWidget from "./OwnWidget.svelte";
import { loadWidgets, type WidgetProps } from "./widgets";

const FIELD = { name: "colour", type: "colour", title: { en: "Colour" }, settings: { options: [1] } };

/** A module as a package brings it, at an address that needs no server. */
const module = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`;
const seen = () => (globalThis as unknown as { seen: Record<string, unknown>[] }).seen;
const WORKING = module(`export default class extends HTMLElement {
  set value(value) { this.now = { ...this.now, value } }
  set settings(settings) { this.now = { ...this.now, settings } }
  set readonly(readonly) { this.now = { ...this.now, readonly } }
  connectedCallback() { globalThis.seen.push(this.now) }
  press(key) { if (key !== "b") return false; this.dispatchEvent(new CustomEvent("change", { detail: "blue" })); return true }
}`);

let shown: ReturnType<typeof mount> | undefined;

beforeAll(() => learn("en"));
beforeEach(() => {
  Object.assign(globalThis, { seen: [] });
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => {
  if (shown) void unmount(shown);
  shown = undefined;
  document.body.innerHTML = "";
});

function show(props: Partial<WidgetProps>): { press: (key: string) => boolean } {
  const all: WidgetProps = { field: FIELD, value: undefined, mode: "answer", language: "en", labelledby: "title", ...props };
  shown = mount(OwnWidget, { target: document.body, props: all });
  flushSync();
  return shown as { press: (key: string) => boolean };
}

describe("a widget that a type brings", () => {
  it("has all its properties before it is put into the page", async () => {
    await loadOwn("colour", WORKING);
    show({ value: "red", mode: "review" });
    expect(seen()).toEqual([{ value: "red", settings: { options: [1] }, readonly: true }]);
  });

  it("answers by an event with one value, and with the keys that it wants", async () => {
    const answers: unknown[] = [];
    await loadOwn("colour", WORKING);
    const widget = show({ onchange: (value) => answers.push(value) });
    const element = document.querySelector("[role=group]")!.firstElementChild!;
    element.dispatchEvent(new CustomEvent("change", { detail: "red" }));
    element.dispatchEvent(new CustomEvent("change"));
    expect([widget.press("b"), widget.press("x")]).toEqual([true, false]);
    expect(answers).toEqual(["red", undefined, "blue"]);
  });

  it("is not answered by what its parts say among themselves, nor where it only shows", async () => {
    const answers: unknown[] = [];
    await loadOwn("colour", WORKING);
    show({ mode: "review", onchange: (value) => answers.push(value) });
    const element = document.querySelector("[role=group]")!.firstElementChild!;
    element.dispatchEvent(new CustomEvent("change", { detail: "red" }));
    const inside = element.appendChild(document.createElement("input"));
    inside.dispatchEvent(new Event("change", { bubbles: true }));
    expect(answers).toEqual([]);
  });

  it("keeps arrows and spaces for itself, while Enter and letters are the page's", async () => {
    await loadOwn("colour", WORKING);
    const element = document.body.appendChild(newElement("colour"));
    const field = document.createElement("textarea");
    expect(isOwn(element)).toBe(true);
    expect(whereIs([element, document.body])).toBe("radio");
    expect(whereIs([document.createElement("path"), element, document.body])).toBe("radio");
    expect(whereIs([field, element, document.body])).toBe("writing");
  });

  it.each([
    ["no element", "export default { draw() {} }"],
    ["no module", "export default class {"],
  ])("is told from %s", async (_, source) => {
    await expect(loadOwn("odd", module(source))).rejects.toThrow();
    show({ field: { ...FIELD, type: "odd" } });
    expect(document.body.textContent).toContain("does not work");
  });

  it("that could not be loaded is loaded when it is needed again", async () => {
    const field = { ...FIELD, type: "late" };
    const late = module("if (!globalThis.there) throw new Error('no network'); export default class extends HTMLElement {}");
    for (const there of [false, false, true]) {
      Object.assign(globalThis, { there });
      await loadWidgets([field], { late });
      if (there) expect(newElement("late")).toBeInstanceOf(HTMLElement);
      else expect(() => newElement("late")).toThrow("not loaded");
    }
  });

  it("that fails in the page is told like one that fails when it is made", () => {
    class Failing extends HTMLElement {
      connectedCallback(): void {
        throw new Error("no");
      }
    }
    customElements.define("failing-element", Failing);
    expect(attempt(() => document.body.append(new Failing()))).toBe(false);
    expect(attempt(() => document.body.append(document.createElement("p")))).toBe(true);
  });
});
