/** The texts of the widgets; both pages draw them. */

import english from "../messages/widgets.en.json";
import { catalogue } from "./i18n";

export const { t, languages } = catalogue(english, import.meta.glob("../messages/widgets.*.json", { eager: true, import: "default" }));

export type Key = Extract<keyof typeof english, string>;
