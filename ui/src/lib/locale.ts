/**
 * Dates and numbers of languages that a browser draws pages in but keeps no data for.
 *
 * Chromium has the plural rules of Kazakh and Uzbek, and writes their dates as "2026 M11 29". Both countries write
 * numbers and dates in figures as Russian does, and so do pages in such a browser.
 */

const LIKE: Readonly<Record<string, string>> = { kk: "ru", uz: "ru" };

const known = new Map<string, boolean>();

/** Whether this browser knows how dates are written in the language. */
function hasDates(language: string): boolean {
  let has = known.get(language);
  if (has === undefined) {
    // Data that is missing shows as the month's number: "M01".
    has = !/M0?1/.test(new Intl.DateTimeFormat(language, { month: "short" }).format(new Date(2026, 0, 15)));
    known.set(language, has);
  }
  return has;
}

/** The language whose way of writing numbers, and dates in figures, is used for a language in this browser. */
export function numbersOf(language: string): string {
  return hasDates(language) ? language : (LIKE[language.split("-")[0]!.toLowerCase()] ?? language);
}

/**
 * The names of languages or of countries in a language. Where the browser has none it would tell those of its own language:
 * they are told in Russian, which more readers of Kazakh and Uzbek know.
 */
export const namesIn = (language: string, type: "language" | "region", fallback: "code" | "none" = "code"): Intl.DisplayNames =>
  new Intl.DisplayNames([numbersOf(language)], { type, fallback });

const UNITS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  kk: { second: "сек", minute: "мин", hour: "сағ", day: "күн" },
  uz: { second: "soniya", minute: "daq.", hour: "soat", day: "kun" },
};

/** An amount in a unit of time, short: `5 min`. */
export function inUnit(amount: number, unit: string, language: string, digits = 0): string {
  const word = hasDates(language) ? undefined : UNITS[language.split("-")[0]!.toLowerCase()]?.[unit];
  if (!word) return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(amount);
  return `${new Intl.NumberFormat(numbersOf(language), { maximumFractionDigits: digits }).format(amount)} ${word}`;
}

const DAYS: Readonly<Record<string, readonly [string, string]>> = { kk: ["бүгін", "ертең"], uz: ["bugun", "ertaga"] };

/** "today" for 0, "tomorrow" for 1. */
export function dayName(days: 0 | 1, language: string): string {
  const words = hasDates(language) ? undefined : DAYS[language.split("-")[0]!.toLowerCase()];
  return words?.[days] ?? new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day");
}

/** How long ago or ahead, `amount` in `unit`s: `5 min ago` where the browser can say it, else in short. */
export function relative(amount: number, unit: Intl.RelativeTimeFormatUnit, language: string): string {
  if (hasDates(language)) return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(amount, unit);
  const [before, after] = AGO[language.split("-")[0]!.toLowerCase()] ?? ["", ""];
  return `${inUnit(Math.abs(amount), unit, language)} ${amount > 0 ? after : before}`.trim();
}

const AGO: Readonly<Record<string, readonly [string, string]>> = { kk: ["бұрын", "кейін"], uz: ["oldin", "keyin"] };

/** A moment in figures where the browser has no names of months, else as `style` says. */
export function dateOf(at: Date, language: string, style: Intl.DateTimeFormatOptions): string {
  if (hasDates(language)) return new Intl.DateTimeFormat(language, style).format(at);
  const inFigures: Intl.DateTimeFormatOptions = { day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(numbersOf(language), style.timeStyle && !style.dateStyle ? style : inFigures).format(at);
}
