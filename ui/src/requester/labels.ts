/** Answers as people read them. */

import { duration, number } from "../lib/format";
import { pick } from "../lib/i18n";
import type { Link } from "../lib/links/links";
import { namesOf, toldLink, type Linked } from "../lib/links/words";
import { timeOf } from "../lib/segments/segment";
import { t } from "../lib/field-messages";
import { setting, type Json } from "../lib/widgets";
import type { Field, TaskSpec, Texts } from "../lib/wire";

interface Labelled {
  value: string | number | boolean;
  label: Texts;
}

/** What is said by an answer without any of the options, or pieces, that there are. */
const NONE: Readonly<Record<string, "none_of_these" | "spans_none">> = { several: "none_of_these", spans: "spans_none", turn_spans: "spans_none", segments: "spans_none", cuboids: "spans_none", links: "spans_none" };

/** An answer in the reader's language: its option's label, else the value itself. Of the `item` objects have the names that workers see. */
export function answerLabel(field: Field | undefined, value: Json, language: string, item?: Linked): string {
  if (value === null || value === undefined) return "";
  // Several options, an order, or all answers that were collected.
  if (Array.isArray(value) && value.length === 0) return field && field.type in NONE ? t(language, NONE[field.type]!) : "";
  if (isCounted(value)) return counted(field, value, language);
  if (Array.isArray(value)) return value.map((one) => answerLabel(field, one, language, item)).join(value.some((one) => isLong(field, one)) ? " · " : ", ");
  if (typeof value === "object") return madeLabel(field, value as Made, language, item);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const label = pick(optionOf(field, text)?.label, language);
  if (field?.type === "rating") return label ? `${text} · ${label}` : text;
  if (label) return label;
  const unit = pick(field && setting<Texts>(field, "unit", {}), language);
  return typeof value === "number" ? [number(value, language, 6), unit].filter(Boolean).join("\u00a0") : text;
}

/** Whether an answer is a list of things in space or of turns, of which each by itself says little in words. */
function isCounted(value: Json): value is Made[] {
  return Array.isArray(value) && value.every((one) => (one as Made | null)?.centre !== undefined || (one as Made | null)?.turn !== undefined);
}

/** How many there are of each label, or of things without one: "Dog × 2, Cat". */
function counted(field: Field | undefined, parts: readonly Made[], language: string): string {
  const counts = new Map<string, number>();
  for (const { label } of parts) {
    const name = label === undefined ? "" : answerLabel(field, label, language);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  if (counts.has("")) return t(language, "shapes", { count: parts.length });
  return [...counts].map(([name, count]) => (count > 1 ? `${name} × ${count}` : name)).join(", ");
}

/** Whether a part of a list has commas of its own, as a text or a list has. */
function isLong(field: Field | undefined, part: Json): boolean {
  return field?.type === "text" || Array.isArray(part) || drawnParts(part as Made | null) !== undefined;
}

/** What workers draw, mark or record: shapes on a picture, a piece of a text or of a sound, a file. */
interface Made {
  shapes?: Made[];
  masks?: Made[];
  tracks?: Made[];
  /** Of a cuboid. */
  centre?: unknown;
  /** Of the answer to a turn of a dialogue. */
  turn?: number;
  start?: number;
  end?: number;
  text?: string;
  label?: Json;
  media?: string;
  seconds?: number;
}

const isLink = (made: object): made is Link => "from" in made && "to" in made;
const drawnParts = (made: Made | null): Made[] | undefined => made?.shapes ?? made?.masks ?? made?.tracks;

/** In a few words, where there is no room to draw it: "Dog × 2, Cat", "Road, Sky", "“Alice” Person", "0:01.20–0:02.50 Noise", "3 sec". */
function madeLabel(field: Field | undefined, made: Made, language: string, item?: Linked): string {
  const label = (value: Json): string => (value === undefined ? "" : answerLabel(field, value, language));
  const drawn = drawnParts(made);
  if (drawn) return drawn.length === 0 ? t(language, "spans_none") : counted(field, drawn, language);
  if (isLink(made)) return toldLink(field, made, field && item ? namesOf(field, item, language) : [[], []], language);
  if (made.text) return `“${made.text}” ${label(made.label)}`.trim();
  if (made.start !== undefined && made.end !== undefined) return `${timeOf(made.start, language)}–${timeOf(made.end, language)} ${label(made.label)}`.trim();
  if (made.seconds !== undefined) return duration(made.seconds, language);
  return made.media ?? JSON.stringify(made);
}

/** How often each answer was given: all options of the field in their order, then what else came. */
export function distribution(field: Field, counts: Readonly<Record<string, number>>, language: string): { label: string; value: number }[] {
  const options = setting<Labelled[]>(field, "options", []);
  const rest = new Map(Object.entries(counts));
  const known = options.map((option) => {
    const key = [...rest.keys()].find((candidate) => isSame(option.value, candidate));
    const value = key === undefined ? 0 : (rest.get(key) ?? 0);
    if (key !== undefined) rest.delete(key);
    return { label: pick(option.label, language) || String(option.value), value };
  });
  const other = [...rest].map(([key, value]) => ({ label: answerLabel(field, field.type === "text" ? key : fromKey(key), language), value }));
  return field.type === "rating" ? [...known, ...other] : [...known, ...other].sort((one, next) => next.value - one.value);
}

/** What was drawn or listed is JSON as a key. */
function fromKey(key: string): Json {
  if (!/^[[{]/.test(key)) return key;
  try {
    return JSON.parse(key) as Json;
  } catch {
    return key;
  }
}

/** Every answer that a field offers, as the server is asked for it and as people read it; none where anything may be said. */
export function choices(field: Field, language: string): { value: Json; label: string }[] {
  const options = setting<Labelled[]>(field, "options", []).map((option) => option.value);
  const [low, high] = [setting(field, "low", 1), setting(field, "high", 0)];
  const points = field.type === "rating" ? Array.from({ length: high - low + 1 }, (_, place) => low + place) : [];
  return [...options, ...points].map((value) => ({ value, label: answerLabel(field, value, language) || String(value) }));
}

/** The task whose rankings know what the inputs that they put in order are called: answers are told by that. */
export function withTitles(task: TaskSpec): TaskSpec {
  const titles = new Map(task.inputs.map((input) => [input.name, input.title]));
  const outputs = task.outputs.map((output) => {
    const named = setting<string[]>(output, "inputs", []).map((name) => ({ value: name, label: titles.get(name) ?? {} }));
    return named.length > 0 ? { ...output, settings: { ...output.settings, named } } : output;
  });
  return { ...task, outputs };
}

function optionOf(field: Field | undefined, text: string): Labelled | undefined {
  if (!field) return undefined;
  return ["options", "points", "named"].flatMap((name) => setting<Labelled[]>(field, name, [])).find((option) => isSame(option.value, text));
}

/** Labels are keys of JSON objects on their way here, and then texts: Python's `True` and JSON's `true` are one. */
function isSame(value: string | number | boolean, text: string): boolean {
  return typeof value === "boolean" ? String(value) === text.toLowerCase() : String(value) === text;
}
