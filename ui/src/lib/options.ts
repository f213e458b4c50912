/** The options of a field as a reader sees them. */

import { pick } from "./i18n";
import { setting, type Json, type WrittenOption } from "./widgets";
import type { Field, Values } from "./wire";

export interface Option {
  value: Json;
  label: string;
  hint?: string;
  /** What else screen readers say. */
  name?: string;
  /** The key that chooses it. */
  key?: string;
}

interface Depends {
  input: string;
  allowed: Readonly<Record<string, Json[]>>;
}

/** A field's options in the reader's language, those that the item's inputs allow, with their keys. */
export function optionsOf(field: Field, language: string, inputs: Values = {}): Option[] {
  const written = setting<WrittenOption[]>(field, "options", []);
  const allowed = allowedValues(setting<Depends | null>(field, "depends", null), inputs);
  return withKeys(
    written
      .filter((option) => allowed?.includes(option.value) ?? true)
      .map((option) => ({ value: option.value, label: pick(option.label, language), hint: pick(option.hint, language) })),
  );
}

/** Give each option its key: where all are digits, by label or by value, the digit itself; else 1 to 9 to the first nine. */
export function withKeys(options: readonly Option[]): Option[] {
  const digits = allDigits(options.map((option) => option.label)) ?? allDigits(options.map((option) => String(option.value)));
  return options.map((option, index) => ({ ...option, key: digits ? digits[index] : index < 9 ? String(index + 1) : undefined }));
}

/** The texts if each is a digit and all differ. */
function allDigits(texts: string[]): string[] | undefined {
  return texts.every((text) => /^[0-9]$/.test(text)) && new Set(texts).size === texts.length ? texts : undefined;
}

/** The options whose label has all words of the query, in any case; the order stays. */
export function matching(options: readonly Option[], query: string, language: string): Option[] {
  const words = query.toLocaleLowerCase(language).split(/\s+/).filter(Boolean);
  return options.filter((option) => words.every((word) => option.label.toLocaleLowerCase(language).includes(word)));
}

function allowedValues(depends: Depends | null, inputs: Values): Json[] | undefined {
  const given = depends ? inputs[depends.input] : undefined;
  return typeof given === "string" && depends && Object.hasOwn(depends.allowed, given) ? depends.allowed[given] : undefined;
}
