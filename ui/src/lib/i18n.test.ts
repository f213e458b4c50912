import { describe, expect, it } from "vitest";
import { catalogue, languageOfText, nameOf, pick, preferred, type Messages } from "./i18n";

const english = { hello: "Hello, {name}", pages: { one: "{count} page", other: "{count} pages" }, only: "Only in English" };
const russian = { hello: "Привет, {name}", pages: { one: "{count} страница", few: "{count} страницы", many: "{count} страниц", other: "{count} страницы" } };
const { t, languages } = catalogue(english, { "../messages/x.en.json": english, "../messages/x.ru.json": russian });

describe("a catalogue", () => {
  it("has the languages of its files, English first", () => {
    expect(languages).toEqual(["en", "ru"]);
  });

  it("fills the places of a message", () => {
    expect(t("ru", "hello", { name: "Анна" })).toBe("Привет, Анна");
  });

  it("leaves markup and unknown places in a text as they are", () => {
    expect(t("en", "hello", { name: "<b>{other}</b>" })).toBe("Hello, <b>{other}</b>");
    expect(t("en", "hello")).toBe("Hello, {name}");
  });

  it("chooses the plural form of the language", () => {
    expect([1, 2, 5, 11, 21, 22, 25].map((count) => t("ru", "pages", { count }))).toEqual([
      "1 страница",
      "2 страницы",
      "5 страниц",
      "11 страниц",
      "21 страница",
      "22 страницы",
      "25 страниц",
    ]);
    expect([1, 2].map((count) => t("en", "pages", { count }))).toEqual(["1 page", "2 pages"]);
  });

  it("falls back to English for a missing message, an unknown language and a dialect", () => {
    expect(t("ru", "only")).toBe("Only in English");
    expect(t("xx", "hello", { name: "A" })).toBe("Hello, A");
    expect(t("ru-RU", "hello", { name: "А" })).toBe("Привет, А");
  });
});

describe("texts of a task", () => {
  it("are picked in the language, else in English", () => {
    expect(pick({ en: "dog", ru: "собака" }, "ru-RU")).toBe("собака");
    expect(pick({ en: "dog" }, "kk")).toBe("dog");
    expect(pick(null, "en")).toBe("");
    expect(languageOfText({ en: "dog" }, "kk")).toBe("en");
  });
});

it("takes the first of the reader's languages that there is", () => {
  expect(preferred(["de-DE", "ru-RU", "en"], ["en", "ru"])).toBe("ru");
  expect(preferred(["de"], ["en", "ru"])).toBe("en");
});

it("names a language in itself", () => {
  expect(nameOf("ru")).toBe("Русский");
});

/** Message files of one catalogue, by language. */
function catalogues(): Map<string, Map<string, Messages>> {
  const found = new Map<string, Map<string, Messages>>();
  for (const [path, messages] of Object.entries(import.meta.glob<Messages>("../messages/*.json", { eager: true, import: "default" }))) {
    const [name, language] = path.split("/").at(-1)!.split(".") as [string, string];
    found.set(name, (found.get(name) ?? new Map<string, Messages>()).set(language, messages));
  }
  return found;
}

describe.each([...catalogues()])("the message files %s", (_name, languages) => {
  const original = languages.get("en")!;

  it.each([...languages])("have the same keys and places in %s as in English", (language, messages) => {
    expect(Object.keys(messages).sort()).toEqual(Object.keys(original).sort());
    for (const [key, message] of Object.entries(messages)) expect(places(message), `${language}: ${key}`).toEqual(places(original[key]!));
  });

  it.each([...languages])("have all plural forms of %s", (language, messages) => {
    const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const [key, message] of Object.entries(messages))
      if (typeof message !== "string") expect(Object.keys(message), key).toEqual(expect.arrayContaining(needed));
  });
});

function places(message: Messages[string]): string[] {
  const text = typeof message === "string" ? message : message.other;
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort();
}
