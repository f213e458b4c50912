/** The texts of the requester's pages. A new language is a file `messages/requester.<language>.json`. */

import { catalogue, pick, type Params } from "../lib/i18n";
import { language } from "../lib/language.svelte";
import type { Flag, Texts } from "../lib/wire";
import type english from "../messages/requester.en.json";

const messages = catalogue<typeof english>(import.meta.glob("../messages/requester.*.json", { import: "default" }));

export type Key = Extract<keyof typeof english, string>;
export const languages = messages.languages;

/** A message in the reader's language. */
export const t = (key: Key, params?: Params): string => messages.t(language.current, key, params);

/** A message in a given language, for texts that somebody else will read. */
export async function inLanguage(code: string, key: Key): Promise<string> {
  await messages.load(code);
  return messages.t(code, key);
}

/** The user's own text in the reader's language. */
export const say = (texts: Texts | null | undefined): string => pick(texts, language.current);

/** Whether there is a message of that name: for codes that come from the server. */
export const isKey = (key: string): key is Key => messages.has(language.current, key);

/** Why an item has no sure answer. */
export const flagLabel = (flag: Exclude<Flag, "">): string => t(`flag.${flag}`);
