/** The texts of the worker's page, in the worker's language. */

import { catalogue, type Params } from "../lib/i18n";
import { language } from "../lib/language.svelte";
import type english from "../messages/worker.en.json";

const worker = catalogue<typeof english>(import.meta.glob("../messages/worker.*.json", { import: "default" }));

export type Key = Extract<keyof typeof english, string>;
export const languages = worker.languages;

export function t(key: Key, params?: Params): string {
  return worker.t(language.current, key, params);
}

/** Whether there is a message of that name: for codes that come from the server. */
export function known(key: string): key is Key {
  return worker.has(language.current, key);
}
