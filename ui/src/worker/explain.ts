/** What an error means to a worker, and what they can do. */

import { Refused } from "../lib/api";
import { isForever } from "../lib/format";
import type { Closed, Time } from "../lib/wire";
import { known, t, type Key } from "./messages";

export function explain(error: unknown): string {
  if (!(error instanceof Refused)) return t("error_unreachable");
  const key = `error_${error.code}`;
  return known(key) ? t(key) : t("error_other", { code: error.code });
}

/** Whether somebody new waits for what is said of their first page, which is a matter of moments. */
export function isFirstPage(closed: Closed): boolean {
  return closed.reason === "judging" && closed.until !== null;
}

/** When a closed run opens again, as far as that is worth telling. */
export function opensAt(closed: Closed): Time | null {
  return isFirstPage(closed) || isForever(closed.until) ? null : (closed.until ?? null);
}

/** In a few words why a run has no page. */
export function whyClosed(closed: Closed): Key {
  if (closed.untold) return "closed_untold";
  if (closed.reason === "restricted" && isForever(closed.until)) return "closed_for_good";
  return isFirstPage(closed) ? "closed_first_page" : `closed_${closed.reason}`;
}
