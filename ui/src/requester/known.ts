/** Whether an answer is the known one of a control item, as far as the page can tell. */
import type { Values } from "../lib/wire";

/** Where an answer is compared by how like it is to the known one, only the run knows how like is enough. */
const LIKENED = ["text", "number", "integer"];

type Plain = string | number | boolean;
const isPlain = (value: unknown): value is Plain => ["string", "number", "boolean"].includes(typeof value);
const isSet = (value: unknown): value is Plain[] => Array.isArray(value) && value.every(isPlain);

/** `right`, `wrong`, or null where the two differ and may still be taken for the same. */
export function held(outputs: readonly { name: string; type: string }[], given: Values | null | undefined, known: Values): "right" | "wrong" | null {
  let said: "right" | null = "right";
  for (const { name, type } of outputs) {
    if (!(name in known)) continue;
    const [one, other] = [given?.[name], known[name]];
    if (JSON.stringify(one) === JSON.stringify(other)) continue;
    const comparable = !LIKENED.includes(type) && (isPlain(other) || (type === "several" && isSet(other)));
    if (!comparable) said = null;
    // Of several options that were chosen the order is of no account.
    else if (!(isSet(one) && isSet(other) && one.length === other.length && one.every((value) => other.includes(value)))) return "wrong";
  }
  return said;
}
