/** The texts of the widgets; both pages draw them. */

import type english from "../messages/widgets.en.json";
import { catalogue } from "./i18n";

export const { t } = catalogue<typeof english>(import.meta.glob("../messages/widgets.*.json", { import: "default" }));

export type Key = Extract<keyof typeof english, string>;
