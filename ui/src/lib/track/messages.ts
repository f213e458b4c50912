/** The texts of tracks, which come with their widget only; those that others say too are among the widgets'. */

import type english from "../../messages/track.en.json";
import { catalogue } from "../i18n";

export const { t: says } = catalogue<typeof english>(import.meta.glob("../../messages/track.*.json", { import: "default" }));

export type Key = Extract<keyof typeof english, string>;
