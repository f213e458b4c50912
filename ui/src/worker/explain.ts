/** What an error means to a worker, and what they can do. */

import { Refused } from "../lib/api";
import { known, t } from "./messages";

export function explain(error: unknown): string {
  if (!(error instanceof Refused)) return t("error_unreachable");
  const key = `error_${error.code}`;
  return known(key) ? t(key) : t("error_other", { code: error.code });
}
