/** What was said of an item by hand, in words. */

import { language } from "../lib/language.svelte";
import type { Field } from "../lib/wire";
import { answerLabel } from "./labels";
import { t } from "./messages";
import type { Said } from "./settling.svelte";

export function inWords(said: Said, outputs: readonly Field[]): string {
  const key = said.item;
  if (said.kind === "correct") {
    const label = outputs.map((output) => answerLabel(output, said.answer[output.name], language.current)).join(", ");
    return t("settle.said.to", { key, label });
  }
  if (said.kind === "ask_more") return t("settle.said.more", { key });
  if (said.kind === "set_aside") return t("settle.said.aside", { key });
  return t(said.kind === "verify" ? "settle.said.verified" : "settle.said.undone", { key });
}
