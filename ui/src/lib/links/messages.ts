/** The texts of links, which come with their widget only. */

import type english from "../../messages/links.en.json";
import { catalogue } from "../i18n";

export const { t: says } = catalogue<typeof english>(import.meta.glob("../../messages/links.*.json", { import: "default" }));
