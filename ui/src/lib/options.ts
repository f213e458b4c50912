/** The options of a field as a reader sees them, and the keys that choose them. */

import { languageOfText, pick } from "./i18n";
import { setting, type Json, type WrittenOption } from "./widgets";
import type { Field, Values } from "./wire";

export interface Option {
  value: Json;
  label: string;
  hint?: string;
  /** The languages of the two, where they are texts. */
  lang?: string;
  hintLang?: string;
  /** What else screen readers say. */
  name?: string;
  /** The key that chooses it. */
  key?: string;
}

interface Depends {
  input: string;
  allowed: Readonly<Record<string, Json[]>>;
}

const BY_PLACE = "1234567890";
/** The upper two rows of the keyboard; `p` and `z` play and enlarge. */
const LETTERS = "qwertyuioasdfghjkl";
/** A number of one digit that a label begins with: "3", "3 – good", "6+"; none of "3D", "1.5" and "10". */
const LEADING_DIGIT = /^([0-9])(?=$|[\s:;)+–—-]|[.,](?!\d))/u;

/** A field's options in the reader's language, those that the item's inputs allow, with their keys. */
export function optionsOf(field: Field, language: string, inputs: Values = {}): Option[] {
  const written = setting<WrittenOption[]>(field, "options", []);
  const allowed = allowedValues(setting<Depends | null>(field, "depends", null), inputs);
  return withKeys(
    written
      .filter((option) => allowed?.includes(option.value) ?? true)
      .map(({ value, label, hint }) => ({
        value,
        label: pick(label, language),
        hint: pick(hint, language),
        lang: languageOfText(label, language),
        hintLang: hint && languageOfText(hint, language),
      })),
  );
}

/** The keys of a field's options. */
export function keysOfOptions(field: Field, language: string, inputs: Values = {}): string[] {
  return optionsOf(field, language, inputs).flatMap((option) => option.key ?? []);
}

/**
 * Give each option its key. Where readers see numbers, by label or by all values, a digit is the key of that number and of no
 * other; else digits go by place, the tenth option has 0. Options left without a digit have letters in order.
 */
export function withKeys(options: readonly Option[]): Option[] {
  const digits = readDigits(options.map((option) => option.label)) ?? allDigits(options.map((option) => String(option.value)));
  const letters = LETTERS[Symbol.iterator]();
  return options.map((option, index) => ({ ...option, key: (digits ? digits[index] : BY_PLACE[index]) ?? (letters.next().value || undefined) }));
}

/** Keys in few words: those that follow one another as their first and last, letters apart from digits. */
export function keyRanges(keys: readonly string[]): string[][] {
  const row = `0123456789 ${LETTERS}`;
  const ranges: string[][] = [];
  for (const place of [...new Set(keys)].map((key) => row.indexOf(key)).sort((one, other) => one - other)) {
    const range = ranges.at(-1);
    if (range && row.indexOf(range.at(-1)!) + 1 === place) range.splice(1, 1, row[place]!);
    else ranges.push([row[place]!]);
  }
  return ranges;
}

/** The digit that each label begins with, if any of them does and none says it twice. */
function readDigits(labels: string[]): (string | undefined)[] | undefined {
  const digits = labels.map((label) => LEADING_DIGIT.exec(label.trim())?.[1]);
  const said = digits.filter((digit) => digit !== undefined);
  return said.length > 0 && new Set(said).size === said.length ? digits : undefined;
}

/** The texts if each is a digit and all differ. */
function allDigits(texts: string[]): string[] | undefined {
  return texts.every((text) => /^[0-9]$/.test(text)) && new Set(texts).size === texts.length ? texts : undefined;
}

/** The options whose label has all words of the query, in any case; the order stays. */
export function matching(options: readonly Option[], query: string, language: string): Option[] {
  const words = small(query, language).split(/\s+/).filter(Boolean);
  return options.filter((option) => words.every((word) => small(option.label, language).includes(word)));
}

/** In small letters, with one i: Turkish has İ and ı beside those of labels in other languages. */
function small(text: string, language: string): string {
  return text.toLocaleLowerCase(language).replaceAll("ı", "i").replaceAll("i\u0307", "i");
}

function allowedValues(depends: Depends | null, inputs: Values): Json[] | undefined {
  const given = depends ? inputs[depends.input] : undefined;
  return typeof given === "string" && depends && Object.hasOwn(depends.allowed, given) ? depends.allowed[given] : undefined;
}
