/**
 * Texts in the reader's language.
 *
 * A message is a string with `{places}`, or plural forms chosen by `count`. A language is a file
 * `messages/<catalogue>.<language>.json`; the English file says which keys there are.
 */

import type { Texts } from "./wire";

export type Plural = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;
export type Message = string | Plural;
export type Messages = Readonly<Record<string, Message>>;
export type Params = Readonly<Record<string, string | number>>;
/** Gives the message `key` in a language, or in English where that language lacks it. */
export type Translate<Key extends string> = (language: string, key: Key, params?: Params) => string;

export interface Catalogue<Key extends string> {
  t: Translate<Key>;
  /** The languages there are files for, English first. */
  languages: readonly string[];
}

/** Make a catalogue of the files that `import.meta.glob("….json", { eager: true, import: "default" })` gives. */
export function catalogue<English extends Messages>(english: English, files: Readonly<Record<string, unknown>>): Catalogue<Extract<keyof English, string>> {
  const byLanguage = new Map<string, Messages>(Object.entries(files).map(([path, messages]) => [languageOf(path), messages as Messages]));
  byLanguage.set("en", english);
  return {
    languages: [...byLanguage.keys()].sort((one, other) => Number(other === "en") - Number(one === "en") || one.localeCompare(other)),
    t: (language, key, params = {}) => {
      const own = byLanguage.get(known(language, byLanguage))?.[key];
      const [message, spoken] = own === undefined ? [english[key] ?? key, "en"] : [own, language];
      return fill(typeof message === "string" ? message : plural(message, Number(params.count ?? 0), spoken), params, spoken);
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

/** The first of the reader's languages that there is a file for. */
export function preferred(wanted: readonly string[], available: readonly string[]): string {
  return wanted.map(primary).find((code) => available.includes(code)) ?? "en";
}

/** A language's name in itself, with a capital: "English", "Русский". */
export function nameOf(language: string): string {
  const name = new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}

function primary(language: string): string {
  return language.split("-")[0]!.toLowerCase();
}

function known(language: string, files: ReadonlyMap<string, unknown>): string {
  return files.has(language) ? language : primary(language);
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
    return typeof value === "number" ? new Intl.NumberFormat(language).format(value) : value;
  });
}
