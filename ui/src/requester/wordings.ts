/** The short texts of a task that may be put otherwise while it runs: its name, titles, labels and hints. */
import type { TaskSpec, Texts } from "../lib/wire";

export interface Wording {
  /** Where the text stands in the task. */
  path: readonly (string | number)[];
  /** What it is called in the form: the name of its input or output, and the option's value. */
  of: string;
  what: "name" | "description" | "title" | "label" | "hint";
  english: string;
  russian: string;
}

/** What settings call texts, as the server knows them. */
const TEXTS = ["label", "hint"] as const;

/** All of them, in the order of the task. */
export function wordings(task: TaskSpec): Wording[] {
  const found = [wording(["name"], "", "name", task.name)];
  if (task.description?.en) found.push(wording(["description"], "", "description", task.description));
  for (const side of ["inputs", "outputs"] as const) {
    task[side].forEach((field, place) => {
      found.push(wording([side, place, "title"], field.name, "title", field.title));
      found.push(...inSettings([side, place, "settings"], field.name, field.settings ?? {}));
    });
  }
  return found;
}

/** The task with these texts; what a form does not have, such as other languages, stays. */
export function withWordings(task: TaskSpec, texts: readonly Wording[]): TaskSpec {
  const changed = structuredClone(task) as unknown as Record<string, unknown>;
  for (const { path, english, russian } of texts) {
    let place = changed as Record<string | number, unknown>;
    for (const step of path.slice(0, -1)) place = place[step] as Record<string | number, unknown>;
    const last = path[path.length - 1] as string;
    const { en: _en, ru: _ru, ...others } = asTexts(place[last]);
    place[last] = { ...others, en: english.trim(), ...(russian.trim() ? { ru: russian.trim() } : {}) };
  }
  return changed as unknown as TaskSpec;
}

/** Those that differ from what the task has. */
export function touched(task: TaskSpec, texts: readonly Wording[]): Wording[] {
  const before = wordings(task);
  return texts.filter((text, place) => text.english !== before[place]?.english || text.russian !== before[place]?.russian);
}

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
  english: texts.en ?? "",
  russian: texts.ru ?? "",
});

/** In settings a text may be plain English. */
const asTexts = (value: unknown): Texts => (typeof value === "object" && value !== null ? (value as Texts) : { en: String(value ?? "") });
