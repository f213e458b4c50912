/** Numbers and texts as people read them. */

import { dateOf, dayName, inUnit, numbersOf } from "./locale";
import type { Money, Time } from "./wire";

const MICRO = 1_000_000;

/** Money in millionths with its currency: `$0.024`. Shows as many digits as the amount has, two at least. */
export function money(amount: Money, currency: string, language: string): string {
  const style = { style: "currency", currencyDisplay: "narrowSymbol", minimumFractionDigits: 2, maximumFractionDigits: 6 } as const;
  try {
    return new Intl.NumberFormat(numbersOf(language), { ...style, currency }).format(amount / MICRO);
  } catch {
    // The run's currency need not be a real one ("points").
    return `${number(amount / MICRO, language, 6)} ${currency}`;
  }
}

/**
 * What somebody has earned, in thousandths, and below a hundredth in ten-thousandths: what a wage floor brings on top has six
 * digits, of which the last tell nobody anything. What it is rounded to is never paid; it is only read.
 */
export function earnings(amount: Money, currency: string, language: string): string {
  const part = Math.abs(amount) < MICRO / 100 ? 100 : 1_000;
  return money(amount !== 0 && Math.abs(amount) < part ? amount : Math.round(amount / part) * part, currency, language);
}

/** What stands for a currency beside its amounts. */
export function currencySign(currency: string, language: string): string {
  try {
    const parts = new Intl.NumberFormat(numbersOf(language), { style: "currency", currencyDisplay: "narrowSymbol", currency }).formatToParts(0);
    return parts.find((part) => part.type === "currency")?.value ?? currency;
  } catch {
    return currency;
  }
}

/** A text with line feeds for all ways of ending a line: a browser draws a carriage return alone as a space. */
export function lines(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

/** A number with at most `digits` digits after the point. */
export function number(value: number, language: string, digits = 0): string {
  return new Intl.NumberFormat(numbersOf(language), { maximumFractionDigits: digits }).format(value);
}

/** A number of somebody's data: it may be a year or a number of an order, which have no signs between thousands. Zero has no sign. */
export function plainNumber(value: number, language: string): string {
  return new Intl.NumberFormat(numbersOf(language), { maximumFractionDigits: 12, useGrouping: false }).format(value === 0 ? 0 : value);
}

/** A share 0..1 in per cent: `95%`. */
export function percent(share: number, language: string, digits = 0): string {
  return new Intl.NumberFormat(numbersOf(language), { style: "percent", maximumFractionDigits: digits }).format(share);
}

/** A length of time in its largest unit, roughly: `45 sec`, `1 min`, `2 hr`, `1 day`. */
export function duration(seconds: number, language: string): string {
  const fives = seconds < 10 ? seconds : Math.round(seconds / 5) * 5;
  const [value, unit] =
    fives < 60 ? [fives, "second"] : seconds < 5400 ? [seconds / 60, "minute"] : seconds < 129_600 ? [seconds / 3600, "hour"] : [seconds / 86_400, "day"];
  // The number and its unit stay on one line.
  return inUnit(Math.max(0, Math.round(value as number)), unit as string, language).replaceAll(" ", "\u00a0");
}

/** Time left as a clock: `2:05`, `1:00:00`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A time that stands for no end: the server's `FOREVER`. */
const FOREVER: Time = 9e9;

/** Whether a time is no moment, but stands for no end. */
export function isForever(at: Time | null | undefined): boolean {
  return at != null && at >= FOREVER;
}

/** A moment: only the time for today, else with the date. */
export function moment(at: Time, language: string, now: Time = Date.now() / 1000): string {
  const [then, today] = [new Date(at * 1000), new Date(now * 1000)];
  return dateOf(then, language, sameDay(then, today) ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
}

/** A moment to come: `today, 22:09`, `tomorrow, 09:00`, later with its date. */
export function coming(at: Time, language: string, now: Time = Date.now() / 1000): string {
  const then = new Date(at * 1000);
  const days = ([0, 1] as const).find((day) => sameDay(then, new Date((now + day * 86_400) * 1000)));
  if (days === undefined) return dateOf(then, language, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
  return `${dayName(days, language)}, ${dateOf(then, language, { timeStyle: "short" })}`;
}

function sameDay(one: Date, other: Date): boolean {
  return one.toDateString() === other.toDateString();
}
