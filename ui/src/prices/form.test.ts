import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { PriceFigures, PriceKnobs } from "../lib/wire";
import { PriceForm, type Host } from "./form";
import { load, t } from "./messages";
import widget, { type Model } from "./widget";

beforeAll(() => load("en"));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  document.body.replaceChildren();
});

function figuresOf(knobs: PriceKnobs = {}): PriceFigures {
  const stands = { preset: "moderate", duration: 9, options: 3, language: "", price_per_hour: 1, real: 14, control: 2, control_ratio: 0.7, overlap: [1, 5], items: 1000, people: 0.85, ...knobs } as const;
  const page = { real: stands.real ?? 1, control: stands.control ?? 0, price: 0.04, seconds: 144, robustness: 0.889, control_share: 0.125 };
  const outcome = { cost: 5, highest: 12, hours: 9, answers: 2.3, accuracy: stands.options === null ? null : 0.96 };
  return { knobs: stands as PriceKnobs, currency: "USD", page, pages: [page, { ...page, real: 10 }], outcome, presets: [{ preset: "mild", outcome: { ...outcome, cost: 3 } }], notices: [{ en: "A <b>notice</b>" }], policy: "df.Policy()", launch: "--preset moderate" };
}

/** A form whose questions wait until they are answered. */
function shown(figures = figuresOf(), language = "en"): { form: PriceForm; asked: PriceKnobs[]; answer: (reply?: PriceFigures | Error) => Promise<void> } {
  const asked: PriceKnobs[] = [];
  const waiting: ((reply: PriceFigures | Error) => void)[] = [];
  const host: Host = {
    language,
    t: (key, params) => t("en", key, params),
    ask: (knobs) => {
      asked.push(knobs);
      return new Promise((resolve, reject) => waiting.push((reply) => (reply instanceof Error ? reject(reply) : resolve(reply))));
    },
  };
  const form = new PriceForm(figures, host);
  document.body.append(form.element);
  const answer = async (reply: PriceFigures | Error = figuresOf(asked.at(-1))) => {
    waiting.shift()!(reply);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { form, asked, answer };
}

const knob = (name: string): HTMLInputElement => document.querySelector(`[id$="-${name}"]`)!;
const preset = (name: string): HTMLInputElement => document.querySelector(`[value="${name}"]`)!;
const text = (selector: string): string => document.querySelector(selector)!.textContent!;

function turn(name: string, value: string): void {
  knob(name).value = value;
  knob(name).dispatchEvent(new Event("input"));
}

test("the form shows how its knobs stand, and says it in words", () => {
  shown();
  expect(knob("real").value).toBe("14");
  expect(knob("control_ratio").getAttribute("aria-valuetext")).toBe("70%");
  expect(preset("moderate").checked).toBe(true);
  expect(text(".summary")).toBe("A page: 14 + 2 control items, 2.4 min, $0.04. Guessers rejected: 89%. Items: 1,000; cost about $5.00, at most $12.00; hours of work: 9. Right answers: 96%, with 2.3 answers an item on average.");
  expect(text(".notices")).toBe("A <b>notice</b>");
  expect(document.querySelectorAll("svg[role=img]")).toHaveLength(4);
  for (const input of document.querySelectorAll("input:not([type=radio]), select")) expect(document.querySelector(`label[for="${input.id}"]`)).not.toBeNull();
});

test("a knob of the page leaves the preset, and takes with it what that has set", async () => {
  const { asked, answer } = shown();
  turn("real", "12");
  expect(asked).toEqual([{ ...figuresOf().knobs, preset: "custom", real: 12 }]);
  await answer();
  expect(preset("custom").checked).toBe(true);
  expect(text(".summary")).toContain("12 + 2");
});

test("a knob that no preset decides keeps it", () => {
  const { asked } = shown();
  turn("duration", "12.5");
  expect(asked[0]).toMatchObject({ preset: "moderate", duration: 12.5 });
});

test("while a question is out only the latest turn waits, and nothing older is shown", async () => {
  const { asked, answer } = shown();
  for (const real of ["11", "10", "9", "8"]) turn("real", real);
  expect(asked.map(({ real }) => real)).toEqual([11]);
  await answer(figuresOf({ preset: "custom", real: 11 }));
  expect(asked.map(({ real }) => real)).toEqual([11, 8]);
  expect(knob("real").value).toBe("8");
  await answer();
  expect(asked).toHaveLength(2);
  expect(text(".summary")).toContain("8 + 2");
});

test("the least answers never pass the most", () => {
  const { asked } = shown();
  turn("least", "7");
  expect(asked[0]!.overlap).toEqual([7, 7]);
});

test("numbers are typed with a comma, too, and shown as the language writes them; whole ones say so", async () => {
  const { asked, answer } = shown(figuresOf({ duration: 7.5 }), "ru");
  expect(knob("duration").value).toBe("7,5");
  turn("duration", "3,5");
  expect(asked.at(-1)).toMatchObject({ duration: 3.5 });
  await answer();
  turn("items", "3,5");
  expect(asked).toHaveLength(1);
  expect(text(".trouble")).toMatch(/: a whole number from 1 to/);
});

test("what is no number of a knob is said, and not asked", () => {
  const { asked } = shown();
  turn("duration", "");
  expect(asked).toEqual([]);
  expect(text(".trouble")).toBe("Seconds an item takes: a number from 0.1 to 86,400 is needed.");
  expect(knob("duration").getAttribute("aria-invalid")).toBe("true");
  turn("duration", "8");
  expect(text(".trouble")).toBe("");
  turn("options", "");
  expect(asked).toHaveLength(1);
});

test("what is wrong stays said when a reply to an earlier turn comes, until it is mended or replaced", async () => {
  const { asked, answer } = shown();
  turn("real", "12");
  knob("duration").focus();
  turn("duration", "");
  await answer();
  expect(text(".trouble")).toContain("Seconds an item takes");
  expect(knob("duration").getAttribute("aria-invalid")).toBe("true");
  knob("duration").blur();
  preset("strict").dispatchEvent(new Event("change"));
  expect(asked).toHaveLength(2);
  await answer();
  expect(knob("duration").value).toBe("9");
  expect(knob("duration").hasAttribute("aria-invalid")).toBe(false);
  expect(text(".trouble")).toBe("");
});

test("a number that is being typed stays as it is typed", async () => {
  const { answer } = shown();
  knob("items").focus();
  turn("items", "0500");
  await answer();
  expect(knob("items").value).toBe("0500");
});

test("another language asks for its usual price", () => {
  const { asked } = shown();
  const select = document.querySelector("select")!;
  select.value = "ru";
  select.dispatchEvent(new Event("change"));
  expect(asked[0]).toMatchObject({ language: "ru", price_per_hour: null });
});

test("a page is taken by clicking its dot", () => {
  const { asked } = shown();
  document.querySelectorAll("circle.dot")[1]!.dispatchEvent(new Event("click"));
  expect(asked[0]).toMatchObject({ preset: "custom", real: 10, control: 2 });
});

test("a refusal is said, and what was shown stays", async () => {
  const { answer } = shown();
  turn("real", "12");
  await answer(new Error("No run can be launched so."));
  expect(text(".trouble")).toBe("No run can be launched so.");
  expect(text(".summary")).toContain("14 + 2");
});

test("of answers that are no options nothing is compared", () => {
  shown(figuresOf({ options: null }));
  expect(document.querySelectorAll("svg")).toHaveLength(3);
  expect(text(".summary")).not.toContain("Right answers");
});

// --- in a notebook

function kernel(): { model: Model; sent: { number: number; knobs: PriceKnobs }[]; reply: (content: object) => Promise<void>; change: (figures: PriceFigures) => void; listeners: Map<string, (content: never) => void> } {
  let figures = figuresOf();
  const sent: { number: number; knobs: PriceKnobs }[] = [];
  const listeners = new Map<string, (content: never) => void>();
  const model: Model = {
    get: () => figures,
    send: (content) => void sent.push(content as (typeof sent)[0]),
    on: (event, listener) => void listeners.set(event, listener),
    off: (event) => void listeners.delete(event),
  };
  const reply = async (content: object) => {
    listeners.get("msg:custom")!(content as never);
    await vi.advanceTimersByTimeAsync(0);
  };
  const change = (other: PriceFigures) => {
    figures = other;
    listeners.get("change:figures")!(undefined as never);
  };
  return { model, sent, reply, change, listeners };
}

test("a kernel is asked under a number, and its reply is shown", async () => {
  const { model, sent, reply } = kernel();
  const end = await widget.render({ model, el: document.body });
  turn("real", "12");
  expect(sent).toEqual([{ number: 1, knobs: { ...figuresOf().knobs, preset: "custom", real: 12 } }]);
  await reply({ number: 1, figures: figuresOf(sent[0]!.knobs) });
  expect(text(".summary")).toContain("12 + 2");
  turn("real", "3");
  await reply({ number: 2, wrong: "real: too few" });
  expect(text(".trouble")).toBe("real: too few");
  end();
});

test("a kernel that is gone is told of, and one that was only busy is heard after all", async () => {
  const { model, sent, reply } = kernel();
  await widget.render({ model, el: document.body });
  turn("real", "12");
  await vi.advanceTimersByTimeAsync(9_000);
  expect(text(".trouble")).toBe("");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(text(".trouble")).toContain("busy or gone");
  expect(text(".summary")).toContain("14 + 2");
  await reply({ number: 1, figures: figuresOf(sent[0]!.knobs) });
  expect(text(".trouble")).toBe("");
  expect(text(".summary")).toContain("12 + 2");
});

test("knobs that are turned in Python move the form, until the cell is cleared", async () => {
  const { model, change, listeners } = kernel();
  const end = await widget.render({ model, el: document.body });
  change(figuresOf({ preset: "strict", real: 8 }));
  expect(preset("strict").checked).toBe(true);
  expect(knob("real").value).toBe("8");
  end();
  expect(listeners.size).toBe(0);
  expect(document.querySelector(".price-form")).toBeNull();
});
