/** The files of messages: that each language says all of it, in its own words and forms, and that somebody says it. */

import { expect, test } from "vitest";
import { filledIn } from "../../plugins/messages";
import type { Message, Messages } from "./i18n";

/** Texts that are the same in English, for what they are: names, signs, and words that both languages write so. */
const ALIKE: readonly string[] = ["DataForge", "X", "Y", "Z", "Id", "{seconds} / {longest} s", "Excel", "Parquet", "COCO", "CVAT", "MOT", "Label Studio", "SUSTechPOINTS", "nuScenes, JSON", "CoNLL"];
const ALIKE_IN: Readonly<Record<string, readonly string[]>> = { es: ["no", "control", "final", "Final"] };

const written = import.meta.glob<string>("../messages/*.json", { eager: true, query: "?raw", import: "default" });
const sources = import.meta.glob<string>(["../**/*.{ts,svelte}", "!../**/*.test.ts", "!./wire.ts"], { eager: true, query: "?raw", import: "default" });

interface File {
  name: string;
  catalogue: string;
  language: string;
  text: string;
}

const files: File[] = Object.entries(written).map(([path, text]) => {
  const name = path.split("/").at(-1)!;
  const [catalogue, language] = name.split(".") as [string, string];
  return { name, catalogue, language, text };
});
const english = new Map(files.filter(({ language }) => language === "en").map(({ catalogue, text }) => [catalogue, JSON.parse(text) as Messages]));

const textsOf = (message: Message): string[] => (typeof message === "string" ? [message] : Object.values(message));
const placesOf = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!))].sort();

/** What is wrong with a language's message, beside the English one. */
function faultsOf(message: Message, original: Message, language: string): string[] {
  if ((typeof message === "string") !== (typeof original === "string")) return ["has plural forms in one of the two languages only"];
  const faults = typeof message === "string" ? [] : formFaults(Object.keys(message), language);
  const wanted = placesOf(textsOf(original).at(-1)!);
  for (const text of textsOf(message)) {
    const places = placesOf(text);
    // A form that stands for one number may say it in a word.
    const spelled = typeof message !== "string" && places.join() === wanted.filter((place) => place !== "count").join();
    if (places.join() !== wanted.join() && !spelled) faults.push(`has the places {${places.join("} {")}}, English {${wanted.join("} {")}}`);
    if (!text.trim() || text !== text.trim()) faults.push("is empty, or has spaces about it");
    if (/<\/?[a-z]|&[a-z]+;|\{\{|\*\*/i.test(text)) faults.push("has markup, which pages show as it is");
    if ((text.match(/[{}]/g) ?? []).length !== 2 * (text.match(/\{\w+\}/g) ?? []).length) faults.push("has a brace that is no place");
  }
  const same = language !== "en" && textsOf(message).join("\n") === textsOf(original).join("\n");
  if (same && /[a-z]/i.test(wordsOf(message)) && ![...ALIKE, ...(ALIKE_IN[language] ?? [])].includes(textsOf(message)[0]!)) faults.push("is the English text");
  return faults;
}

const wordsOf = (message: Message): string => textsOf(message).join("").replace(/\{\w+\}/g, "");

function formFaults(forms: string[], language: string): string[] {
  const categories: string[] = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  // Romance languages have a form for whole millions, "de páginas", which nothing here counts: "other" stands for it.
  const needed = language === "es" ? categories.filter((category) => category !== "many") : categories;
  return [
    ...needed.filter((category) => !forms.includes(category)).map((category) => `lacks the plural form ${category}`),
    ...forms.filter((form) => !categories.includes(form)).map((form) => `has the plural form ${form}, which its language has not`),
  ];
}

test.each(files)("$name says everything that English says, in forms of its language", ({ catalogue, language, text }) => {
  const [messages, original] = [JSON.parse(text) as Messages, english.get(catalogue)!];
  const faults = Object.entries(messages).flatMap(([key, message]) => (key in original ? faultsOf(message, original[key]!, language) : ["is not in English"]).map((fault) => `${key} ${fault}`));
  const missing = Object.keys(original).filter((key) => !(key in messages));
  expect([...faults, ...missing.map((key) => `${key} is missing`)]).toEqual([]);
});

// JSON keeps the last of two texts of one name, and says nothing of the other.
test.each(files)("$name has each text once", ({ text }) => {
  const names = [...text.matchAll(/^ {2}"([^"]+)":/gm)].map((match) => match[1]);
  expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
});

test("every language has a file for each catalogue", () => {
  const languages = new Set(files.map(({ language }) => language));
  const lacking = [...languages].flatMap((language) => [...english.keys()].map((catalogue) => `${catalogue}.${language}.json`)).filter((name) => !files.some((file) => file.name === name));
  expect(lacking).toEqual([]);
});

/** The folder whose sources say the messages of a catalogue; widgets' are said in several. */
const saidIn = (catalogue: string): RegExp => (english.has(catalogue) && ["worker", "requester"].includes(catalogue) ? new RegExp(`^\\.\\./${catalogue}/`) : /^\.\/|^\.\.\//);

/** Keys that no source names: as a text, or by a beginning and an end that are written around a word that differs. */
function unused(keys: string[], source: string): string[] {
  const named = new Set([...source.matchAll(/["'`]([a-z][\w.]*)["'`]/gi)].map((match) => match[1]!));
  const around = [...source.matchAll(/`([a-z][\w.]*[._])\$\{[^}]*\}([\w.]*)`/g)].map(([, before, after]) => [before!, after!] as const);
  // The word is one word where points part them.
  const built = (key: string) => around.some(([before, after]) => key.startsWith(before) && key.endsWith(after) && !key.slice(before.length, key.length - after.length).includes("."));
  return keys.filter((key) => !named.has(key) && !built(key));
}

test.each([...english])("every message of the catalogue %s is said somewhere", (catalogue, messages) => {
  const where = saidIn(catalogue);
  const source = Object.entries(sources).filter(([path]) => where.test(path)).map(([, text]) => text).join("\n");
  expect(unused(Object.keys(messages), source)).toEqual([]);
});

test("faults of messages are found", () => {
  const found = (message: Message, original: Message, language: string) => faultsOf(message, original, language).join("; ");
  expect(found("Hola, {nombre}", "Hello, {name}", "es")).toBe("has the places {nombre}, English {name}");
  expect(found("", "Hello", "es")).toContain("is empty");
  expect(found("<b>Hola</b>", "Hello", "es")).toContain("markup");
  expect(found("Hola, {name", "Hello, {name}", "es")).toContain("has a brace that is no place");
  expect(found("Hello", "Hello", "es")).toBe("is the English text");
  expect(found("{done} / {total}", "{done} / {total}", "es")).toBe("");
  expect(found({ one: "{count} страница", other: "{count} страницы" }, { one: "{count} page", other: "{count} pages" }, "ru")).toBe("lacks the plural form few; lacks the plural form many");
  expect(found({ one: "{count} sayfa", few: "{count} sayfa", other: "{count} sayfa" }, { one: "{count} page", other: "{count} pages" }, "tr")).toBe("has the plural form few, which its language has not");
  expect(found("páginas", { one: "{count} page", other: "{count} pages" }, "es")).toContain("plural forms in one");
  expect(found({ one: "una página", other: "{count} páginas" }, { one: "{count} page", other: "{count} pages" }, "es")).toBe("");
  expect(unused(["closed_busy", "go_on", "old", "run.edit.ask"], 't("go_on"); t(`closed_${reason}`); t(`run.${act}`)')).toEqual(["old", "run.edit.ask"]);
});

test("what a language's file lacks is English", () => {
  expect(filledIn('{"yes": "Sí"}', '{"yes": "Yes", "no": "No"}')).toEqual({ yes: "Sí", no: "No" });
});

test("Uzbek parts words by one sign, as the list of words says", () => {
  const uzbek = Object.entries(import.meta.glob<string>("../messages/*.uz.json", { query: "?raw", import: "default", eager: true }));
  expect(uzbek.length).toBeGreaterThan(5);
  expect(uzbek.filter(([, text]) => /[\u02bc\u2018']/.test(text)).map(([path]) => path)).toEqual([]);
});
