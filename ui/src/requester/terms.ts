/** What the form that changes a run is filled in with, what is wrong with it, and what the server is asked to change. */
import type { Refused } from "../lib/api";
import { numbersOf } from "../lib/locale";
import type { NewTerms, RunTerms } from "../lib/wire";
import { touched as rewordings, withWordings, type Wording } from "./wordings";

export interface Filled {
  budget: string;
  least: string;
  most: string;
  sure: string;
  aim: string;
  /** In hours. */
  limit: string;
  /** In minutes. */
  lease: string;
}

export type FieldName = keyof Filled;
type Problem = FieldName | "order" | "promised" | "over";
/** What is wrong at a field, by the message that says so, with what the message tells. */
export type Problems = { [Name in FieldName]?: { key: `change.wrong.${Problem}`; least?: number; passed?: number } };

const GROUPS = /^\d{1,3}([\s']\d{3})+(?=$|[.,])/;
const NUMBER = /^\d+([.,]\d+)?$/;
/** A thousand to some readers and one to others. */
const EITHER = /^[1-9]\d{0,2}[.,]\d{3}$/;
const MOST_ANSWERS = 1_000;
/** As many behind the point as a sum of money has. */
const MOST_DIGITS = 6;

/** The form as it is when it is opened: numbers as a reader of the language would type them, of hours and minutes no more than a hundredth. */
export function filled(terms: RunTerms, language: string): Filled {
  const written = new Intl.NumberFormat(numbersOf(language), { useGrouping: false, maximumFractionDigits: MOST_DIGITS });
  const text = (value: number | null, unit = 1): string => (value === null ? "" : written.format(unit === 1 ? value : Math.round((value / unit) * 100) / 100));
  return {
    budget: text(terms.budget),
    least: text(terms.overlap[0]),
    most: text(terms.overlap[1]),
    sure: text(terms.min_confidence),
    aim: text(terms.target),
    limit: text(terms.time_limit, 3600),
    lease: text(terms.lease, 60),
  };
}

/** What is wrong with what was touched, by its field. */
export function problems(before: Filled, now: Filled): Problems {
  const right: Record<FieldName, (typed: string) => boolean> = {
    budget: emptyOrAboveNothing,
    least: isCount,
    most: isCount,
    sure: (typed) => number(typed) <= 1,
    aim: (typed) => typed.trim() === "" || (number(typed) >= 0.5 && number(typed) <= 1),
    limit: emptyOrAboveNothing,
    lease: emptyOrAboveNothing,
  };
  const found: Problems = {};
  for (const name of Object.keys(right) as FieldName[]) {
    if (now[name] !== before[name] && !right[name](now[name])) found[name] = { key: `change.wrong.${name}` };
  }
  if (isCount(now.least) && number(now.least) > number(now.most)) found.most = { key: "change.wrong.order" };
  return found;
}

/** What the server refused to change, at its field; null where it is of none. */
export function refusedAt(refusal: Refused): Problems | null {
  const { setting, reason, least, passed } = refusal.details as { setting?: string; reason?: string; least?: number; passed?: number };
  if (reason === "below_promised") return { budget: { key: "change.wrong.promised", least } };
  if (reason === "over_already") return { limit: { key: "change.wrong.over", passed } };
  const name = ({ budget: "budget", overlap: "most", min_confidence: "sure", target: "aim", time_limit: "limit", lease: "lease" } as const)[setting ?? ""];
  return reason === "invalid" && name ? { [name]: { key: `change.wrong.${name}` } } : null;
}

/** What was touched, and nothing else, of a form that nothing is wrong with. */
export function wanted(terms: RunTerms, before: Filled, now: Filled, texts: readonly Wording[] = []): NewTerms {
  const touched = (...names: FieldName[]): boolean => names.some((name) => now[name] !== before[name]);
  const found: NewTerms = {};
  if (touched("budget")) found.budget = limit(now.budget);
  if (touched("least", "most")) found.overlap = [number(now.least), number(now.most)];
  if (touched("sure")) found.min_confidence = number(now.sure);
  if (touched("aim")) found.target = limit(now.aim);
  if (touched("limit")) found.time_limit = limit(now.limit, 3600);
  if (touched("lease")) found.lease = limit(now.lease, 60);
  const reworded = rewordings(terms.task, texts);
  if (reworded.length > 0) found.task = withWordings(terms.task, reworded);
  return found;
}

/** A number as people type it, with a point or a comma, and with spaces between thousands; NaN if it is none. */
function number(typed: string): number {
  const plain = typed.trim().replace(GROUPS, (groups) => groups.replace(/[\s']/g, ""));
  return NUMBER.test(plain) && !EITHER.test(plain) ? Number(plain.replace(",", ".")) : Number.NaN;
}

const limit = (typed: string, unit = 1): number | null => (typed.trim() === "" ? null : number(typed) * unit);

const emptyOrAboveNothing = (typed: string): boolean => typed.trim() === "" || number(typed) > 0;

const isCount = (typed: string): boolean => Number.isInteger(number(typed)) && number(typed) >= 1 && number(typed) <= MOST_ANSWERS;
