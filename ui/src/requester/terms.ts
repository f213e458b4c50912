/** What the form that changes a run is filled in with, and what of it the server is asked to change. */
import type { NewTerms, RunTerms } from "../lib/wire";

export interface Filled {
  budget: string;
  least: string;
  most: string;
  sure: string;
  /** In hours. */
  limit: string;
  /** In minutes. */
  lease: string;
  english: string;
  russian: string;
}

const NUMBER = /^\d+([.,]\d+)?$/;

const text = (value: number | null, unit = 1): string => (value === null ? "" : String(value / unit));

/** The form as it is when it is opened. */
export function filled(terms: RunTerms): Filled {
  return {
    budget: text(terms.budget),
    least: text(terms.overlap[0]),
    most: text(terms.overlap[1]),
    sure: text(terms.min_confidence),
    limit: text(terms.time_limit, 3600),
    lease: text(terms.lease, 60),
    english: terms.task.instruction.en ?? "",
    russian: terms.task.instruction.ru ?? "",
  };
}

/** What was touched, and nothing else; null where a number is none: JSON would make "no limit" of it. */
export function wanted(terms: RunTerms, now: Filled): NewTerms | null {
  const before = filled(terms);
  const touched = (...names: (keyof Filled)[]): boolean => names.some((name) => now[name] !== before[name]);
  const found: NewTerms = {};
  if (touched("budget")) found.budget = limit(now.budget);
  if (touched("least", "most")) found.overlap = [number(now.least), number(now.most)];
  if (touched("sure")) found.min_confidence = number(now.sure);
  if (touched("limit")) found.time_limit = limit(now.limit, 3600);
  if (touched("lease")) found.lease = limit(now.lease, 60);
  if ([found.budget, found.overlap, found.min_confidence, found.time_limit, found.lease].flat().some(Number.isNaN)) return null;
  if (touched("english", "russian")) found.task = { ...terms.task, instruction: instruction(terms, now) };
  return found;
}

function instruction(terms: RunTerms, now: Filled): Record<string, string> {
  const { en: _en, ru: _ru, ...others } = terms.task.instruction;
  return { ...others, en: now.english.trim(), ...(now.russian.trim() ? { ru: now.russian.trim() } : {}) };
}

/** A number as people type it, with a point or a comma; NaN if it is none. */
const number = (typed: string): number => (NUMBER.test(typed.trim()) ? Number(typed.trim().replace(",", ".")) : Number.NaN);

const limit = (typed: string, unit = 1): number | null => (typed.trim() === "" ? null : number(typed) * unit);
