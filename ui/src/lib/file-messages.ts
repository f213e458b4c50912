/** The texts of files as answers, which come with their widgets only: of those that are chosen and those that are recorded. */

import type english from "../messages/files.en.json";
import { catalogue } from "./i18n";

export const { t } = catalogue<typeof english>(import.meta.glob("../messages/files.*.json", { import: "default" }));
