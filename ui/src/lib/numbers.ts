/** Numbers as people write them, in any of their ways. */

import { plainNumber } from "./format";

const DIGITS: readonly [number, number][] = [
  [0x660, 0x669],
  [0x6f0, 0x6f9],
  [0x966, 0x96f],
  [0xff10, 0xff19],
];
const GROUPED = /(?<=\d)[\s'’](?=\d{3}(?!\d))/gu;
/** Thousands to some, thousandths to others. */
const EITHER = /^[+-]?[1-9]\d{0,2},\d{3}$/;
const THREES = /^[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?:[.,]\d*)?$/;
const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * The number that a text spells: with a point or a comma before its fraction, groups of three digits parted by spaces, points or
 * commas, an exponent, any minus and the digits of other scripts. `either` if it may be read in two ways (1,500); null if it is none.
 */
export function readNumber(text: string): number | "either" | null {
  const written = plainly(text);
  return EITHER.test(written) ? "either" : spelt(written);
}

/** The number that a text spells to readers of a language: where it may be read in two ways (1,500), as they write it. */
export function readNumberIn(text: string, language: string): number | null {
  const written = plainly(text);
  const comma = plainNumber(0.5, language).includes(",") ? "." : "";
  return spelt(EITHER.test(written) ? written.replace(",", comma) : written);
}

/** The text in digits, points and commas of one script, and nothing between thousands that are parted by spaces. */
function plainly(text: string): string {
  return text.trim().replace(/\p{Nd}/gu, digit).replace(/[−–]/g, "-").replace(GROUPED, "");
}

function spelt(plainly: string): number | null {
  // The comma of Arabic stands before a fraction, and nowhere else.
  const written = plainly.replaceAll("٫", ",");
  return plain(oneKind(written, written.split(".").length - 1, written.split(",").length - 1));
}

/** The whole number within limits that a text spells to readers of a language; null if it spells none. */
export function readWholeIn(text: string, language: string, least: number, most: number): number | null {
  const read = readNumberIn(text, language);
  return read !== null && Number.isInteger(read) && read >= least && read <= most ? read : null;
}

/** The text with a point before its fraction, and nothing between thousands; as it is where it makes no sense. */
function oneKind(written: string, points: number, commas: number): string {
  if (commas === 0 && points < 2) return written;
  if (commas === 1 && points === 0) return written.replace(",", ".");
  if (!THREES.test(written)) return "";
  const fraction = commas > 0 && points > 0 ? (written.lastIndexOf(",") > written.lastIndexOf(".") ? "," : ".") : "";
  return written.replaceAll(fraction === "," ? "." : ",", "").replaceAll(fraction ? fraction : ".", fraction ? "." : "");
}

function plain(written: string): number | null {
  return PLAIN.test(written) && Number.isFinite(Number(written)) ? Number(written) : null;
}

function digit(written: string): string {
  const code = written.codePointAt(0)!;
  const range = DIGITS.find(([first, last]) => code >= first && code <= last);
  return range ? String(code - range[0]) : written;
}

/** Whether a number is one of those that a step leads to from a start; the last digits are forgiven. */
export function isOnStep(value: number, start: number, step: number): boolean {
  const steps = (value - start) / step;
  return Math.abs(steps - Math.round(steps)) <= Math.max(1e-6, Math.abs(steps) * 1e-15);
}
