/** How the requester's pages write shares, lengths of time and distances in time. */

import { earnings, percent } from "../lib/format";
import { inUnit, relative } from "../lib/locale";
import type { Money, Time } from "../lib/wire";

const CENT = 10_000;

/** A sum of money; of more than ten cents parts of one tell nothing. */
export function sum(amount: Money, currency: string, language: string): string {
  return earnings(amount > 10 * CENT ? Math.round(amount / CENT) * CENT : amount, currency, language);
}

/** A share of one in per cent; what is not quite all is never rounded up to 100 %, nor a little down to 0 %. */
export function share(value: number, language: string): string {
  if (value <= 0 || value >= 1) return percent(value, language);
  const digits = value > 0.99 || value < 0.01 ? 1 : 0;
  return percent(Math.min(Math.max(value, 0.001), 0.999), language, digits);
}

/** A line of its own begins with a capital letter, unless its first word is a name: of a file, a column, a command. */
export function sentence(text: string, language: string): string {
  const [first = ""] = text.split(/\s/, 1);
  const isName = /[._/\\@`"«“0-9]|^'/.test(first.replace(/[.,:;!?…]+$/, ""));
  return isName ? text : text.replace(/^\p{Ll}/u, (letter) => letter.toLocaleUpperCase(language));
}

/** The largest of these of which there are at least two: 75 minutes say more than 1.3 hours. */
type Unit = "second" | "minute" | "hour" | "day";

const UNITS: readonly (readonly [Unit, number])[] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** A length of time, with a digit after the point where it tells something: "7.5 sec", "75 min", "2.5 hr". */
export function span(seconds: number, language: string): string {
  const [unit, size] = unitOf(seconds);
  const amount = seconds / size;
  const digits = amount < 10 ? 1 : 0;
  return inUnit(amount, unit, language, digits);
}

/** How far a moment is from now: "3 minutes ago", "in 2 hours". */
export function distance(at: Time, now: Time, language: string): string {
  const [unit, size] = unitOf(Math.abs(at - now));
  return relative(Math.round((at - now) / size), unit, language);
}

/** A moment as machines read it, for `<time datetime>`. */
export function iso(at: Time): string {
  return new Date(at * 1000).toISOString();
}

function unitOf(seconds: number): readonly [Unit, number] {
  return UNITS.find(([, size]) => seconds >= 2 * size) ?? ["second", 1];
}
