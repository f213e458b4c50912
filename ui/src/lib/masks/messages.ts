/** The texts of masks, which come with their widget only. */

import type english from "../../messages/masks.en.json";
import { catalogue } from "../i18n";

export const { t: says } = catalogue<typeof english>(import.meta.glob("../../messages/masks.*.json", { import: "default" }));
