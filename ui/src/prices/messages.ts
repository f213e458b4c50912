/** The texts of the price form. A new language is a file `messages/prices.<language>.json`. */

import { catalogue } from "../lib/i18n";
import type english from "../messages/prices.en.json";

const messages = catalogue<typeof english>(import.meta.glob("../messages/prices.*.json", { import: "default" }));

export type Key = Extract<keyof typeof english, string>;
export const { languages, load, t } = messages;
