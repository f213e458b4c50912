/** What is said of an item: values by the names of the outputs, or why it is reported instead. */

import type { ReportReason, Values } from "./wire";

export type Answer = Values | ReportReason;

/** Why items are reported, in the order offered. */
export const REASONS: readonly ReportReason[] = ["broken", "language", "forbidden", "unclear"];

/** The reason if the item is reported, else null. */
export function reportOf(answer: Answer | undefined): ReportReason | null {
  return typeof answer === "string" ? answer : null;
}

/** The values answered; none of a reported item. */
export function valuesOf(answer: Answer | undefined): Values {
  return typeof answer === "object" ? answer : {};
}
