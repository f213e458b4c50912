/** What is said of the keys where things are drawn, and of what a label is for where there are several. */

import { t } from "./field-messages";
import { optionsOf } from "./options";
import type { Field } from "./wire";

export function withLabels(keys: string, field: Field, language: string): string {
  return optionsOf(field, language).length > 1 ? `${keys} ${t(language, "label_next")}` : keys;
}
