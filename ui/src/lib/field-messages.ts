/** The texts of fields that people fill in, which come with their widgets only: of numbers, texts, ranks and several options. */

import type english from "../messages/fields.en.json";
import { catalogue } from "./i18n";

export const { t } = catalogue<typeof english>(import.meta.glob("../messages/fields.*.json", { import: "default" }));

export type Key = Extract<keyof typeof english, string>;
