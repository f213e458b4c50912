/** The texts of a task that may be put otherwise while it runs: its instruction, name, titles, labels and hints. */
import type { TaskSpec, Texts } from "../lib/wire";

export interface Wording {
  /** Where the text stands in the task. */
  path: readonly (string | number)[];
  /** What it is called in the form: the name of its input or output, and the option's value. */
  of: string;
  what: "instruction" | "name" | "description" | "title" | "label" | "hint";
  /** By language; of one that is not there, or is empty, there is none. */
  said: Record<string, string>;
}

/** What settings call texts, as the server knows them. */
const TEXTS = ["label", "hint"] as const;

/** All of them, in the order of the task, the instruction first. */
export function wordings(task: TaskSpec): Wording[] {
  const found = [wording(["instruction"], "", "instruction", task.instruction), wording(["name"], "", "name", task.name)];
  if (task.description?.en) found.push(wording(["description"], "", "description", task.description));
  for (const side of ["inputs", "outputs"] as const) {
    task[side].forEach((field, place) => {
      found.push(wording([side, place, "title"], field.name, "title", field.title));
      found.push(...inSettings([side, place, "settings"], field.name, field.settings ?? {}));
    });
  }
  return found;
}

/** The task with these texts. */
export function withWordings(task: TaskSpec, texts: readonly Wording[]): TaskSpec {
  const changed = structuredClone(task) as unknown as Record<string, unknown>;
  for (const { path, said } of texts) {
    let place = changed as Record<string | number, unknown>;
    for (const step of path.slice(0, -1)) place = place[step] as Record<string | number, unknown>;
    place[path[path.length - 1] as string] = written(said);
  }
  return changed as unknown as TaskSpec;
}

/** Those that differ from what the task has. */
export function touched(task: TaskSpec, texts: readonly Wording[]): Wording[] {
  const before = wordings(task);
  return texts.filter((text, place) => !alike(text.said, before[place]?.said ?? {}));
}

/** What is written in each language, without what was left empty. */
export const written = (said: Texts): Texts => Object.fromEntries(Object.entries(said).flatMap(([code, text]) => (text.trim() ? [[code, text.trim()]] : [])));

/** The languages to write in beside English: the reader's first, then those that texts have, then those of the pages. */
export const othersThan = (reader: string, texts: readonly Texts[], pages: readonly string[]): string[] =>
  [...new Set([reader, ...texts.flatMap(Object.keys), ...pages])].filter((code) => code !== "en");

const alike = (one: Texts, other: Texts): boolean => [...new Set([...Object.keys(one), ...Object.keys(other)])].every((code) => (one[code] ?? "") === (other[code] ?? ""));

function inSettings(path: readonly (string | number)[], of: string, settings: unknown): Wording[] {
  if (Array.isArray(settings)) return settings.flatMap((value, place) => inSettings([...path, place], of, value));
  if (typeof settings !== "object" || settings === null) return [];
  const own = settings as Record<string, unknown>;
  const named = "value" in own ? `${of}: ${String(own.value)}` : of;
  return Object.entries(own).flatMap(([name, value]) => {
    const text = TEXTS.find((one) => one === name);
    return text ? [wording([...path, name], named, text, asTexts(value))] : inSettings([...path, name], named, value);
  });
}

const wording = (path: Wording["path"], of: string, what: Wording["what"], texts: Texts): Wording => ({
  path,
  of,
  what,
  said: { ...texts },
});

/** In settings a text may be plain English. */
const asTexts = (value: unknown): Texts => (typeof value === "object" && value !== null ? (value as Texts) : { en: String(value ?? "") });
