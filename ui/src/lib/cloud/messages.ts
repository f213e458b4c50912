/** The texts of clouds, which come with their widgets only; those that others say too are among the widgets'. */

import type english from "../../messages/clouds.en.json";
import { catalogue } from "../i18n";

export const { t: says } = catalogue<typeof english>(import.meta.glob("../../messages/clouds.*.json", { import: "default" }));

export type Key = Extract<keyof typeof english, string>;
