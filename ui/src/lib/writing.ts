/** What keeps a written text from being an answer, by the settings of its field. */

import { count } from "./length";
import { patternOf } from "./pattern";
import type { Key } from "./field-messages";
import { setting } from "./widgets";
import type { Field } from "./wire";

export interface Problem {
  key: Key;
  count?: number;
}

/** A character that can be seen: none of those that only join, part and direct others. */
const VISIBLE = /[^\s\p{Z}\p{Cc}\p{Cf}\p{Variation_Selector}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]/u;
/** Half a character, or a zero byte, which no table of results can hold. */
const UNKEPT = /[\p{Surrogate}\0]/u;
const LINE_BREAK = /\r\n|[\n\r\u2028\u2029]/g;

/** The first thing that is wrong with a text; null if nothing is. */
export function problemOf(text: string, field: Field): Problem | null {
  const [longest, shortest, lines] = [setting(field, "longest", 1_000_000), setting<number>(field, "shortest", 1), setting<number | null>(field, "lines", null)];
  if (UNKEPT.test(text)) return { key: "half_character" };
  if (!VISIBLE.test(text)) return { key: "only_spaces" };
  if (text.length > longest && count(text) > longest) return { key: "too_long", count: longest };
  if (count(text) < shortest) return { key: "too_short", count: shortest };
  if (lines !== null && (text.match(LINE_BREAK)?.length ?? 0) >= lines) return { key: "too_many_lines", count: lines };
  return fits(text, setting<string | null>(field, "pattern", null)) ? null : { key: "pattern_wrong" };
}

/** Patterns that were asked for, so that none is read anew with each letter. */
const patterns = new Map<string, ReturnType<typeof patternOf>>();

/** Whether the pattern allows it; one that only the server understands is left to it. */
function fits(text: string, pattern: string | null): boolean {
  if (pattern === null) return true;
  const known = patterns.get(pattern) ?? patternOf(pattern);
  patterns.set(pattern, known);
  return known(text) ?? true;
}
