/** The form of who may work at a run: what it is filled in with, what is wrong with it, and what it asks. */
import type { AskedOfWorkers, NewTerms, WantedSkill } from "../lib/wire";

export interface AskedForm {
  from: string;
  to: string;
  speaks: string;
  regions: string;
  device: "" | "phone" | "computer";
  /** A line for each: `medical >= 70`, or with the days for which it is valid `medical >= 70 / 90`. */
  skills: string;
  named: boolean;
  allowed: string;
  barred: string;
}

/** The fields that somebody can fill in wrongly. */
export type AskedField = "from" | "to" | "speaks" | "regions" | "skills" | "barred";

const DAY = 86_400;
const OLDEST = 120;
const MOST_SKILL = 100;
const SKILL = /^(.+?)\s*(?:>=|≥)\s*(\d+(?:[.,]\d+)?)(?:\s*\/\s*(\d+(?:[.,]\d+)?)\s*[dд]?)?$/;

const listed = (typed: string): string[] => [...new Set(typed.split(/[\s,;]+/).filter(Boolean))];
const lines = (typed: string): string[] => typed.split("\n").map((line) => line.trim()).filter(Boolean);
const number = (typed: string): number => Number(typed.replace(",", "."));

/** The form as it is when it is opened. */
export function askedForm(asked: AskedOfWorkers | null | undefined): AskedForm {
  const [from, to] = asked?.age ?? [null, null];
  return {
    from: from === null ? "" : String(from),
    to: to === null ? "" : String(to),
    speaks: (asked?.speaks ?? []).join(", "),
    regions: (asked?.regions ?? []).join(", "),
    device: asked?.device ?? "",
    skills: (asked?.skills ?? []).map(line).join("\n"),
    named: asked?.named ?? false,
    allowed: (asked?.allowed ?? []).join("\n"),
    barred: (asked?.barred ?? []).join("\n"),
  };
}

const line = ({ name, least, valid = null }: WantedSkill): string => `${name} >= ${least}${valid === null ? "" : ` / ${valid / DAY}`}`;

/** The fields that cannot be read as they are, in their order. */
export function wrongIn(form: AskedForm): AskedField[] {
  const isAge = (typed: string): boolean => typed.trim() === "" || (/^\d+$/.test(typed.trim()) && Number(typed) <= OLDEST);
  const names = lines(form.skills).map((one) => SKILL.exec(one)?.[1]);
  const isAfter = form.from.trim() === "" || form.to.trim() === "" || Number(form.from) <= Number(form.to);
  const right: Record<AskedField, boolean> = {
    from: isAge(form.from),
    to: isAge(form.to) && (!isAge(form.from) || isAfter),
    speaks: listed(form.speaks).every((code) => /^[a-z]{2,3}$/.test(code)),
    regions: listed(form.regions).every((code) => /^[a-z]{2}$/i.test(code)),
    skills: lines(form.skills).every(isSkill) && new Set(names).size === names.length,
    barred: !listed(form.barred).some((id) => listed(form.allowed).includes(id)),
  };
  return (Object.keys(right) as AskedField[]).filter((field) => !right[field]);
}

function isSkill(typed: string): boolean {
  const found = SKILL.exec(typed);
  return found !== null && number(found[2] ?? "") <= MOST_SKILL && (found[3] === undefined || number(found[3]) > 0);
}

/** What a form asks in which nothing is wrong; null where it asks nothing. */
export function askedBy(form: AskedForm): AskedOfWorkers | null {
  const age = (typed: string): number | null => (typed.trim() === "" ? null : Number(typed));
  const asked: AskedOfWorkers = {
    speaks: listed(form.speaks),
    regions: listed(form.regions).map((code) => code.toUpperCase()),
    age: [age(form.from), age(form.to)],
    device: form.device || null,
    skills: lines(form.skills).map(skill),
    named: form.named,
    allowed: listed(form.allowed),
    barred: listed(form.barred),
  };
  const asksNothing = Object.values(asked).every((value) => !value || (Array.isArray(value) && value.every((one) => one === null)));
  return asksNothing ? null : asked;
}

function skill(typed: string): WantedSkill {
  const [, name = "", least = "", days] = SKILL.exec(typed) ?? [];
  return { name, least: number(least), valid: days === undefined ? null : number(days) * DAY };
}

/** The same as the terms of a run have it. */
export function asTerms(asked: AskedOfWorkers | null): NewTerms["workers"] {
  if (asked === null) return null;
  const { skills = [], ...others } = asked;
  return { ...others, skills: skills.length === 0 ? null : Object.fromEntries(skills.map(({ name, least, valid }) => [name, [least, valid ?? null]])) };
}

/** Whether what is asked differs. */
export const differs = (form: AskedForm, before: AskedOfWorkers | null | undefined): boolean =>
  JSON.stringify(form) !== JSON.stringify(askedForm(before));
