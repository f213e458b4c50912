/** The texts of dialogues, which come with their widgets only. */

import type english from "../../messages/dialogue.en.json";
import { catalogue } from "../i18n";

export const { t: says } = catalogue<typeof english>(import.meta.glob("../../messages/dialogue.*.json", { import: "default" }));
