/** Pages that are accepted or rejected by hand. */

import type { PageState } from "../lib/wire";
import type { Correction } from "./api";

/** What is said of a page. */
export type OfPage = Extract<Correction, { page: string }>;
export type Decision = "accept" | "reject";

/** What was said last of a page by hand, or decided on an appeal against its rejection; null if nothing was. */
export function lastOf(page: string, corrections: readonly Correction[]): OfPage | null {
  return corrections.findLast((one): one is OfPage => "page" in one && one.page === page) ?? null;
}

/** What can be said of a page: of one without answers nothing. */
export function decisionsOn(state: PageState): Decision[] {
  if (state === "submitted") return ["accept", "reject"];
  return state === "accepted" ? ["reject"] : state === "rejected" ? ["accept"] : [];
}

/** What becomes of a page. */
export const outcome = (kind: OfPage["kind"]): "accepted" | "rejected" => (kind === "reject" ? "rejected" : "accepted");
