/**
 * The price form: knobs, and pictures that move while one is turned. It counts nothing: whoever shows it is asked what
 * follows from how the knobs stand. A notebook shows it, and so do the requester's pages.
 */

import { money, number, percent, plainNumber } from "../lib/format";
import { inUnit } from "../lib/locale";
import { nameOf, pick } from "../lib/i18n";
import { isOnStep, readNumberIn } from "../lib/numbers";
import type { PriceFigures, PriceKnobs } from "../lib/wire";
import { sentence } from "../requester/format";
import type { Key } from "./messages";
import { outcomes, scatter, type Dot, type Measure } from "./pictures";

export interface Host {
  /** What follows from how the knobs stand; rejected with words that people can read. */
  ask: (knobs: PriceKnobs) => Promise<PriceFigures>;
  t: (key: Key, params?: Record<string, string | number>) => string;
  language: string;
}

type Preset = NonNullable<PriceKnobs["preset"]>;
type Numbers = "duration" | "options" | "items" | "price_per_hour" | "real" | "control" | "control_ratio" | "people" | "least" | "most";

interface Knob {
  name: Numbers;
  kind: "number" | "range";
  least: number;
  most: number;
  step: number | "any";
  /** Whether turning it leaves the preset. */
  ours?: boolean;
}

const PRESETS: readonly Preset[] = ["no-control", "mild", "moderate", "strict", "custom"];
const KNOBS: readonly Knob[] = [
  { name: "duration", kind: "number", least: 0.1, most: 86_400, step: "any" },
  { name: "options", kind: "number", least: 2, most: 10_000, step: 1 },
  { name: "items", kind: "number", least: 1, most: 1_000_000_000, step: 1 },
  { name: "price_per_hour", kind: "number", least: 0, most: 10_000, step: "any" },
  { name: "real", kind: "range", least: 1, most: 29, step: 1, ours: true },
  { name: "control", kind: "range", least: 0, most: 10, step: 1, ours: true },
  { name: "control_ratio", kind: "range", least: 0, most: 1, step: 0.05, ours: true },
  { name: "least", kind: "range", least: 1, most: 15, step: 1, ours: true },
  { name: "most", kind: "range", least: 1, most: 15, step: 1, ours: true },
  { name: "people", kind: "range", least: 0.5, most: 1, step: 0.01 },
];
/** Those that prices of an hour, or whole pages, are known in. */
const LANGUAGES = ["en", "ru", "tr", "kk", "uz", "es"];
/** Those without which it is known as well. */
const MAY_LACK: readonly Numbers[] = ["options", "price_per_hour"];
const SHARES: readonly Numbers[] = ["control_ratio", "people"];
/** Milliseconds after which it is said that nobody answers. */
const PATIENCE = 10_000;

let forms = 0;

/** The form as one element of a page. */
export class PriceForm {
  readonly element = make("section", { class: "price-form" });
  #figures: PriceFigures;
  #pending: PriceKnobs | null = null;
  #busy = false;
  #gone = false;
  readonly #inputs = new Map<Numbers, { input: HTMLInputElement; output: HTMLOutputElement }>();
  readonly #presets = new Map<Preset, HTMLInputElement>();
  readonly #language = make("select", {});
  readonly #summary = make("p", { class: "summary", role: "status" });
  readonly #trouble = make("p", { class: "trouble", role: "alert" });
  readonly #notices = make("ul", { class: "notices" });
  readonly #pictures = make("div", { class: "pictures" });
  readonly #written = make("div", { class: "written" });
  readonly #id = `price-form-${++forms}`;

  constructor(
    figures: PriceFigures,
    private readonly host: Host,
  ) {
    this.#figures = figures;
    const form = make("form", {}, this.#presetButtons(), this.#knobs());
    form.addEventListener("submit", (event) => event.preventDefault());
    this.element.append(form, this.#trouble, this.#summary, this.#notices, this.#pictures, this.#written);
    this.show(figures);
  }

  /** Show what follows from how the knobs stand; a number that is being typed stays as it is. */
  show(figures: PriceFigures): void {
    this.#figures = figures;
    const { knobs } = figures;
    for (const [preset, radio] of this.#presets) radio.checked = preset === knobs.preset;
    this.#language.value = knobs.language ?? "";
    const typed = (this.element.getRootNode() as Document | ShadowRoot).activeElement;
    const [least, most] = knobs.overlap ?? [1, 1];
    const values: Record<Numbers, number | null | undefined> = { ...numbersOf(knobs), least, most };
    for (const [name, { input, output }] of this.#inputs) {
      const value = values[name];
      if (input !== typed || input.type === "range") this.#write(input, value);
      mark(input);
      output.textContent = this.#told(name, value);
      if (input.type === "range") input.setAttribute("aria-valuetext", output.textContent);
    }
    this.#draw();
  }

  /** Nothing that comes later is shown any more. */
  destroy(): void {
    this.#gone = true;
    this.element.remove();
  }

  #presetButtons(): HTMLElement {
    const set = make("fieldset", { class: "presets" }, make("legend", {}, this.host.t("preset")));
    for (const preset of PRESETS) {
      const radio = make("input", { type: "radio", name: this.#id, value: preset });
      radio.addEventListener("change", () => this.#turn({ preset, ...(preset === "custom" ? this.#byHand() : {}) }));
      this.#presets.set(preset, radio);
      set.append(make("label", {}, radio, make("span", {}, this.host.t(`preset.${preset.replace("-", "_")}` as Key))));
    }
    return set;
  }

  #knobs(): HTMLElement {
    const knobs = make("div", { class: "knobs" });
    for (const knob of KNOBS) {
      const { name, kind, least, most, step } = knob;
      const id = `${this.#id}-${name}`;
      const input = kind === "range" ? make("input", { type: kind, min: least, max: most, step, id }) : make("input", { type: "text", inputmode: step === 1 ? "numeric" : "decimal", autocomplete: "off", id });
      const output = make("output", { for: input.id });
      const label = make("label", { for: input.id }, this.host.t(`knob.${name}`));
      input.addEventListener("input", () => this.#turned(knob, input));
      this.#inputs.set(name, { input, output });
      knobs.append(make("div", { class: `knob ${kind}` }, label, input, output));
    }
    knobs.insertBefore(this.#languages(), knobs.children[3] ?? null);
    return knobs;
  }

  /** Workers of a language; the price of an hour is then that of the language again. */
  #languages(): HTMLElement {
    const select = this.#language;
    select.id = `${this.#id}-language`;
    select.append(make("option", { value: "" }, this.host.t("any_language")), ...LANGUAGES.map((code) => make("option", { value: code }, nameOf(code))));
    select.addEventListener("change", () => this.#turn({ language: select.value, price_per_hour: null }));
    return make("div", { class: "knob" }, make("label", { for: select.id }, this.host.t("knob.language")), select);
  }

  #write(input: HTMLInputElement, value: number | null | undefined): void {
    const write = (one: number): string => (input.type === "range" ? String(one) : plainNumber(one, this.host.language));
    input.value = value == null ? "" : write(round(value));
    input.setCustomValidity("");
  }

  /** The number that stands in a field; null where none need stand there, and undefined where it cannot be. */
  #read({ name, kind, least, most, step }: Knob, input: HTMLInputElement): number | null | undefined {
    if (kind === "range") return Number(input.value);
    if (input.value.trim() === "") return MAY_LACK.includes(name) ? null : undefined;
    const read = readNumberIn(input.value, this.host.language);
    return read !== null && read >= least && read <= most && (step === "any" || isOnStep(read, least, step)) ? read : undefined;
  }

  #turned(knob: Knob, input: HTMLInputElement): void {
    const { name, ours } = knob;
    const value = this.#read(knob, input);
    input.setCustomValidity(value === undefined ? "wrong" : "");
    mark(input);
    this.#say(this.#fault());
    if (value === undefined) return;
    const hand = ours ? { preset: "custom" as const, ...this.#byHand() } : {};
    if (name !== "least" && name !== "most") return this.#turn({ ...hand, [name]: value });
    const [least, most] = this.#overlap();
    const one = Number(value);
    this.#turn({ ...hand, overlap: name === "least" ? [one, Math.max(one, most)] : [Math.min(least, one), one] });
  }

  /** What is wrong with a number that stands in the form; empty if none is. */
  #fault(): string {
    const { t, language } = this.host;
    const wrong = KNOBS.find(({ name }) => !this.#inputs.get(name)?.input.validity.valid);
    if (!wrong) return "";
    const { name, least, most, step } = wrong;
    return t(step === 1 ? "wrong_whole" : "wrong", { name: t(`knob.${name}`), least: number(least, language, 1), most: number(most, language) });
  }

  #overlap(): readonly [number, number] {
    const { overlap } = this.#pending ?? this.#figures.knobs;
    return overlap ?? this.#figures.knobs.overlap ?? [1, 1];
  }

  /** What a preset has set so far, as turned by hand from there. */
  #byHand(): Partial<PriceKnobs> {
    const { real, control, control_ratio, overlap } = this.#pending?.preset === "custom" ? this.#pending : this.#figures.knobs;
    return { real, control, control_ratio, overlap };
  }

  #turn(changes: Partial<PriceKnobs>): void {
    this.#pending = { ...(this.#pending ?? this.#figures.knobs), ...changes };
    void this.#answer();
  }

  /** Ask for how the knobs stand last: while one question is out, others wait, and only the latest is asked. */
  async #answer(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#pending !== null && !this.#gone) {
      const asked = this.#pending;
      const late = setTimeout(() => this.#say(this.host.t("silent")), PATIENCE);
      try {
        const figures = await this.host.ask(asked);
        if (this.#pending === asked) this.#pending = null;
        if (this.#pending === null && !this.#gone) this.show(figures);
        this.#say(this.#fault());
      } catch (error) {
        if (this.#pending === asked) this.#pending = null;
        this.#say(error instanceof Error ? error.message : String(error));
      } finally {
        clearTimeout(late);
      }
    }
    this.#busy = false;
  }

  #say(trouble: string): void {
    if (this.#trouble.textContent !== trouble) this.#trouble.textContent = trouble;
  }

  #told(name: Numbers, value: number | null | undefined): string {
    if (value == null) return this.host.t("none");
    if (SHARES.includes(name)) return percent(value, this.host.language);
    if (name === "price_per_hour") return this.#money(value);
    return name === "duration" ? this.#time(value) : number(value, this.host.language, 3);
  }

  #money(amount: number): string {
    const digits = amount >= 1 ? 2 : 3;
    return money(Math.round(Number(amount.toFixed(digits)) * 1e6), this.#figures.currency, this.host.language);
  }

  #time(seconds: number): string {
    const [unit, size] = seconds < 120 ? ["second", 1] : seconds < 7_200 ? ["minute", 60] : ["hour", 3_600];
    return inUnit(seconds / (size as number), unit as string, this.host.language, 1);
  }

  #draw(): void {
    const { t, language } = this.host;
    const { page, outcome, knobs, notices } = this.#figures;
    const parts = [
      t("summary.page", { real: page.real, control: page.control, time: this.#time(page.seconds), price: this.#money(page.price) }),
      t("summary.robust", { share: percent(page.robustness, language) }),
      t("summary.cost", { items: number(knobs.items ?? 0, language), cost: this.#money(outcome.cost), highest: this.#money(outcome.highest), hours: number(outcome.hours, language, 1) }),
      ...(outcome.accuracy == null ? [] : [t("summary.right", { share: percent(outcome.accuracy, language, 1), answers: number(outcome.answers, language, 2) })]),
    ];
    this.#summary.textContent = parts.join(" ");
    this.#notices.replaceChildren(...notices.map((notice) => make("li", {}, sentence(pick(notice, language), language))));
    this.#notices.hidden = notices.length === 0;
    this.#pictures.replaceChildren(...this.#scatters(), ...this.#compared());
    this.#written.replaceChildren(make("span", {}, t("policy")), make("code", {}, this.#figures.policy), make("span", {}, t("launch")), make("code", {}, this.#figures.launch));
  }

  /** Each of three measures of a page over another. */
  #scatters(): HTMLElement[] {
    const { t, language } = this.host;
    const robust: Measure = { name: t("robustness"), written: (value) => percent(value, language) };
    const share: Measure = { name: t("control_share"), written: (value) => percent(value, language) };
    const length: Measure = { name: t("page_time"), written: (value) => this.#time(value) };
    const { pages, page } = this.#figures;
    const dots = (across: "control_share" | "seconds", up: "robustness" | "control_share"): Dot[] =>
      [...pages, page].map((one, place) => ({ x: one[across], y: one[up], chosen: place === pages.length, name: t("page", { real: one.real, control: one.control }), take: () => this.#turn({ preset: "custom", ...this.#byHand(), real: one.real, control: one.control }) }));
    return [scatter(share, robust, dots("control_share", "robustness")), scatter(length, robust, dots("seconds", "robustness")), scatter(length, share, dots("seconds", "control_share"))];
  }

  /** What the run comes to, beside what each preset does; nothing where it cannot be told how often answers are right. */
  #compared(): HTMLElement[] {
    const { t, language } = this.host;
    const { presets, outcome, knobs } = this.#figures;
    if (outcome.accuracy == null) return [];
    const cost: Measure = { name: t("outcome.cost"), written: (value) => this.#money(value) };
    const right: Measure = { name: t("outcome.right"), written: (value) => percent(value, language, 1) };
    const hours = (value: number): string => t("outcome.hours", { hours: number(value, language, 1) });
    const called = (preset: string | undefined): string => t(`preset.${(preset ?? "").replace("-", "_")}` as Key);
    const shown = [
      ...presets.filter(({ preset }) => preset !== knobs.preset).map((one) => ({ name: called(one.preset), ...one.outcome, chosen: false })),
      { name: called(knobs.preset), ...outcome, chosen: true },
    ].map(({ name, cost: x, accuracy, hours: size, chosen }) => ({ name, x, y: accuracy ?? 0, size, chosen }));
    return [outcomes(cost, right, hours, shown, t("outcome.title"), t("assumed", { share: percent(knobs.people ?? 0, language) }))];
  }
}

function numbersOf(knobs: PriceKnobs): Record<Exclude<Numbers, "least" | "most">, number | null | undefined> {
  const { duration, options, items, price_per_hour, real, control, control_ratio, people } = knobs;
  return { duration, options, items, price_per_hour, real, control, control_ratio, people };
}

/** Tell who does not see it whether what stands in a field can be. */
function mark(input: HTMLInputElement): void {
  if (input.validity.valid) input.removeAttribute("aria-invalid");
  else input.setAttribute("aria-invalid", "true");
}

const round = (value: number): number => Number(value.toPrecision(6));

/** An element with its attributes and what is in it. */
function make<Name extends keyof HTMLElementTagNameMap>(name: Name, attributes: Record<string, string | number>, ...inside: (Node | string)[]): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...inside);
  return element;
}
