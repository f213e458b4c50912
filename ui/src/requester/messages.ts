/** The texts of the requester's pages. A new language is a file `messages/requester.<language>.json`. */

import { catalogue, pick, type Params } from "../lib/i18n";
import { language } from "../lib/language.svelte";
import type { Flag, Texts } from "../lib/wire";
import english from "../messages/requester.en.json";

const files = import.meta.glob("../messages/requester.*.json", { eager: true, import: "default" });
const messages = catalogue(english, files);

export type Key = keyof typeof english;
export const languages = messages.languages;

/** A message in the reader's language. */
export const t = (key: Key, params?: Params): string => messages.t(language.current, key, params);

/** A message in a given language, for texts that somebody else will read. */
export const inLanguage = messages.t;

/** The user's own text in the reader's language. */
export const say = (texts: Texts | null | undefined): string => pick(texts, language.current);

/** Whether there is a message of that name: for codes that come from the server. */
export const isKey = (key: string): key is Key => key in english;

/** Why an item has no sure answer. */
export const flagLabel = (flag: Exclude<Flag, "">): string => t(`flag.${flag}`);
