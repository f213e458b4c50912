/**
 * Texts in the reader's language.
 *
 * A message is a string with `{places}`, or plural forms chosen by `count`. A language is a file
 * `messages/<catalogue>.<language>.json`; the English file says which keys there are, and what a file lacks is English.
 * Only the languages that are read here are loaded: `learn` comes before the first text.
 */

import { numbersOf } from "./locale";
import type { Texts } from "./wire";

export type Plural = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;
export type Message = string | Plural;
export type Messages = Readonly<Record<string, Message>>;
export type Params = Readonly<Record<string, string | number>>;
/** What `import.meta.glob("….json", { import: "default" })` gives. */
export type Files = Readonly<Record<string, () => Promise<unknown>>>;

export interface Catalogue<Key extends string> {
  /** The message `key` in a language that is loaded; in English where there is no file for it. */
  t: (language: string, key: Key, params?: Params) => string;
  /** Whether there is a message of that name, in a language that is loaded. */
  has: (language: string, key: string) => boolean;
  /** Load the messages in a language. */
  load: (language: string) => Promise<void>;
  /** The languages there are files for, English first. */
  languages: readonly string[];
}

/** How the messages of each catalogue are loaded. */
const loads: Catalogue<string>["load"][] = [];
const learned = new Set<string>();

/** Load what all catalogues have in a language; those too that come while others are loaded. */
export async function learn(language: string): Promise<void> {
  for (let begun = 0; begun < loads.length; ) {
    const next = loads.slice(begun);
    begun = loads.length;
    await Promise.all(next.map((load) => load(language)));
  }
  learned.add(language);
}

/** Load what catalogues that came later, with a widget, have in the languages learned before. */
export async function catchUp(): Promise<void> {
  await Promise.all([...learned].map(learn));
}

/** Make a catalogue of message files; the English one tells the type. */
export function catalogue<English extends Messages>(files: Files): Catalogue<Extract<keyof English, string>> {
  const loaders = new Map(Object.entries(files).map(([path, loader]) => [languageOf(path), loader]));
  const loaded = new Map<string, Messages>();
  const spoken = (language: string): string => [language, primary(language)].find((code) => loaders.has(code)) ?? "en";
  const load = async (language: string): Promise<void> => {
    const code = spoken(language);
    if (!loaded.has(code)) loaded.set(code, (await loaders.get(code)?.()) as Messages);
  };
  loads.push(load);
  return {
    load,
    languages: [...loaders.keys()].sort((one, other) => Number(other === "en") - Number(one === "en") || one.localeCompare(other)),
    has: (language, key) => key in (loaded.get(spoken(language)) ?? {}),
    t: (language, key, params = {}) => {
      const code = spoken(language);
      const message = loaded.get(code)?.[key] ?? key;
      return fill(typeof message === "string" ? message : plural(message, Number(params.count ?? 0), code), params, code);
    },
  };
}

/** The text in the language, else in English, else in whatever language there is. */
export function pick(texts: Texts | null | undefined, language: string): string {
  if (!texts) return "";
  return texts[language] ?? texts[primary(language)] ?? texts.en ?? Object.values(texts)[0] ?? "";
}

/** The language of a text that `pick` gives, for the `lang` attribute. */
export function languageOfText(texts: Texts, language: string): string {
  return [language, primary(language), "en"].find((code) => code in texts) ?? Object.keys(texts)[0] ?? "en";
}

/** What tells the languages there are files for that write the same letters apart, and those that write other ones. */
const LETTERS: readonly (readonly [string, RegExp])[] = [["kk", /[әғқңөұүһі]/i], ["ru", /[а-яё]/i], ["tr", /[ğşıİ]/], ["uz", /[og]ʻ/i], ["es", /[ñ¿¡]/i]];
const CYRILLIC = /[\u0400-\u04ff]/;

/**
 * The same of what a person wrote: the words of one language are kept as English ones as well, and what has one code only
 * may be in any; of that it is known only where it is written in other letters than the reader's.
 */
export function languageOfWords(texts: Texts, language: string): string | undefined {
  const words = pick(texts, language);
  const codes = Object.keys(texts);
  if (codes.length > 1) return language in texts ? language : (codes.find((code) => code !== "en" && texts[code] === words) ?? languageOfText(texts, language));
  const own = primary(language) === "ru" || primary(language) === "kk";
  if (!/\p{Letter}/u.test(words) || CYRILLIC.test(words) === own) return undefined;
  return LETTERS.find(([, letters]) => letters.test(words))?.[0] ?? "en";
}

/** The first language other than the reader's in which `pick` gives one of the texts; `of`: how the language of one is told. */
export function foreignOf(texts: readonly (Texts | null | undefined)[], language: string, of: (text: Texts, language: string) => string | undefined = languageOfText): string | undefined {
  const spoken = texts.filter((one) => pick(one, language)).map((one) => of(one!, language));
  return spoken.find((code) => code !== undefined && primary(code) !== primary(language));
}

/** A language's name as readers of another one write it: "inglés" for English in Spanish. */
export function nameIn(code: string, language: string): string {
  const names = new Intl.DisplayNames([language], { type: "language", fallback: "none" });
  // A browser without the reader's language would name it in its own, and one that has nothing but its rules would tell the code.
  const known = primary(names.resolvedOptions().locale) === primary(language) ? names.of(code) : undefined;
  return known ?? nameOf(code);
}

/** The first of the reader's languages that there is a file for. */
export function preferred(wanted: readonly string[], available: readonly string[]): string {
  return wanted.map(primary).find((code) => available.includes(code)) ?? "en";
}

/** Names that some browsers do not know, or not as the language's speakers write them. */
const NAMES: Readonly<Record<string, string>> = { kk: "Қазақ тілі", uz: "Oʻzbekcha" };

/** A language's name in itself, with a capital: "English", "Русский". */
export function nameOf(language: string): string {
  const name = NAMES[language] ?? new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}

function primary(language: string): string {
  return language.split("-")[0]!.toLowerCase();
}

function languageOf(path: string): string {
  return path.split(".").at(-2) ?? "en";
}

function plural(message: Plural, count: number, language: string): string {
  return message[new Intl.PluralRules(language).select(count)] ?? message.other;
}

function fill(message: string, params: Params, language: string): string {
  return message.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = params[name];
    if (value === undefined) return place;
    return typeof value === "number" ? new Intl.NumberFormat(numbersOf(language)).format(value) : value;
  });
}
