/** When a run that has no page for the worker is asked again. */

import type { Closed, ClosedReason } from "../lib/wire";
import { isFirstPage } from "./explain";

const RETRY = 15_000;
/** Items of a run follow it within moments. */
const EMPTY_RETRY = 2_000;
const FIRST_TOLD_RETRY = 1_500;
const FIRST_LOOKS = 3;
// Places come back, a run goes on after a pause, one that is fed gets more items, and skills are given.
const MAY_OPEN: ClosedReason[] = ["busy", "newcomers", "paused", "unchecked", "all_done", "no_items", "no_answers", "judging", "elsewhere", "skill", "people"];

/** What is said of somebody's first page comes in a fraction of a second: so many milliseconds lie between looks that tell nothing. */
export const FIRST_RETRY = 300;

/** Whether nothing is told yet of somebody's first page, after so many looks whether it has its verdict. */
export const isEarly = (closed: Closed, looks: number): boolean => isFirstPage(closed) && looks < FIRST_LOOKS;

/** In how many milliseconds it is asked again whether the run is open; null where it does not open to the worker again. */
export function retryOf(closed: Closed): number | null {
  if (!MAY_OPEN.includes(closed.reason)) return null;
  if (isFirstPage(closed)) return FIRST_TOLD_RETRY;
  return closed.reason === "no_items" ? EMPTY_RETRY : RETRY;
}
