/** The texts of spans, which come with their widget only; those that others say too are among the widgets'. */

import type english from "../../messages/spans.en.json";
import { catalogue } from "../i18n";

export const { t: says } = catalogue<typeof english>(import.meta.glob("../../messages/spans.*.json", { import: "default" }));
