/** What is said of an item: values by the names of the outputs, or why it is reported instead. */

import type { Field, ReportReason, Values } from "./wire";

export type Answer = Values | ReportReason;

/** Types of inputs that are part of the page itself: these open whenever it does. */
const WRITTEN = ["text", "choice", "boolean", "integer", "number", "rating", "several", "side_by_side", "dialogue"];

/** Why an item with these inputs may be reported, in the order offered: that it does not open is last where all is text. */
export function reasonsFor(inputs: readonly Field[]): readonly ReportReason[] {
  const other: ReportReason[] = ["unclear", "language", "forbidden"];
  return inputs.every((input) => WRITTEN.includes(input.type)) ? [...other, "broken"] : ["broken", ...other];
}

/** The reason if the item is reported, else null. */
export function reportOf(answer: Answer | undefined): ReportReason | null {
  return typeof answer === "string" ? answer : null;
}

/** Whether answers say what a draft says, in the outputs that it has. */
export function isAsDrafted(draft: Values, values: Values): boolean {
  return Object.entries(draft).every(([output, value]) => isSame(values[output], value));
}

/** Whether two JSON values are the same, in whatever order their members stand. */
function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return one === other;
  const [ours, theirs] = [Object.entries(one), new Map(Object.entries(other))];
  return Array.isArray(one) === Array.isArray(other) && ours.length === theirs.size && ours.every(([name, value]) => theirs.has(name) && isSame(value, theirs.get(name)));
}

/** The values answered; none of a reported item. */
export function valuesOf(answer: Answer | undefined): Values {
  return typeof answer === "object" ? answer : {};
}
