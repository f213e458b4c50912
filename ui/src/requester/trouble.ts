/** What went wrong, in the reader's words. */

import { Refused, Unreachable } from "../lib/api";
import { isKey, t } from "./messages";

export function explain(error: unknown): string {
  if (error instanceof Unreachable) return t("error.unreachable");
  if (!(error instanceof Refused)) return t("error.server", { code: error instanceof Error ? error.message : String(error) });
  for (const key of [`error.${error.code}`, `error.http_${error.status}`]) {
    if (isKey(key)) return t(key);
  }
  // Only the server knows why, and says so in English.
  return t("error.server", { code: error.message || error.code });
}
