/** The texts of segments, which come with their widget only; those that others say too are among the widgets'. */

import type english from "../../messages/segments.en.json";
import { catalogue } from "../i18n";

export const { t: says } = catalogue<typeof english>(import.meta.glob("../../messages/segments.*.json", { import: "default" }));
