import { beforeAll, describe, expect, it, vi } from "vitest";
import { catalogue, catchUp, foreignOf, languageOfText, languageOfWords, learn, nameIn, nameOf, pick, preferred, type Messages } from "./i18n";

const english = { hello: "Hello, {name}", pages: { one: "{count} page", other: "{count} pages" } };
const russian = { hello: "Привет, {name}", pages: { one: "{count} страница", few: "{count} страницы", many: "{count} страниц", other: "{count} страницы" } };

/** Files of a catalogue, and the languages that were loaded of it. */
function files(messages: Record<string, Messages>): { files: Record<string, () => Promise<Messages>>; loaded: string[] } {
  const loaded: string[] = [];
  const load = (code: string) => async () => (loaded.push(code), messages[code]!);
  return { loaded, files: Object.fromEntries(Object.keys(messages).map((code) => [`../messages/x.${code}.json`, load(code)])) };
}

describe("a catalogue", () => {
  const { t, has, languages } = catalogue<typeof english>(files({ en: english, ru: russian }).files);
  beforeAll(async () => {
    await learn("en");
    await learn("ru");
  });

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

  it("speaks a dialect as its language, and English where there is no file", () => {
    expect(t("xx", "hello", { name: "A" })).toBe("Hello, A");
    expect(t("ru-RU", "hello", { name: "А" })).toBe("Привет, А");
  });

  it("knows its messages by name", () => {
    expect([has("ru", "hello"), has("ru", "goodbye")]).toEqual([true, false]);
  });
});

describe("the languages that are loaded", () => {
  it("are those that were learned, each once, and English in their stead where a catalogue lacks them", async () => {
    const [both, one] = [files({ en: english, ru: russian }), files({ en: english })];
    catalogue(both.files);
    const { t } = catalogue<typeof english>(one.files);
    await learn("ru");
    await learn("ru");
    expect([both.loaded, one.loaded]).toEqual([["ru"], ["en"]]);
    expect(t("ru", "hello", { name: "А" })).toBe("Hello, А");
  });

  it("are caught up with by a catalogue that comes later, also while a language is on its way", async () => {
    await learn("ru");
    const late = catalogue<typeof english>(files({ en: english, ru: russian }).files);
    await catchUp();
    expect(late.t("ru", "pages", { count: 5 })).toBe("5 страниц");
    const learning = learn("ru");
    const meanwhile = catalogue<typeof english>(files({ en: english, ru: russian }).files);
    await learning;
    expect(meanwhile.t("ru", "pages", { count: 2 })).toBe("2 страницы");
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

it("tells which language a text is in that the reader's is not", () => {
  expect(foreignOf([{ en: "dog", es: "perro" }], "es-MX")).toBeUndefined();
  expect(foreignOf([{ en: "dog", es: "perro" }, { en: "a cat" }], "es")).toBe("en");
  expect(foreignOf([null, {}, { en: "", es: "" }], "es")).toBeUndefined();
  expect(foreignOf([{ de: "Hund" }], "es")).toBe("de");
  expect([nameIn("en", "es"), nameIn("ru", "tr")]).toEqual(["inglés", "Rusça"]);
});

it("names a language in itself where the browser knows nothing but the reader's code", () => {
  const { of } = Intl.DisplayNames.prototype;
  const known = vi.spyOn(Intl.DisplayNames.prototype, "of").mockImplementation(function (this: Intl.DisplayNames, code) {
    const { locale, fallback } = this.resolvedOptions();
    return locale === "kk" ? (fallback === "code" ? code : undefined) : of.call(this, code);
  });
  expect(nameIn("en", "kk")).toBe("English");
  known.mockRestore();
});

it("takes the first of the reader's languages that there is", () => {
  expect(preferred(["de-DE", "ru-RU", "en"], ["en", "ru"])).toBe("ru");
  expect(preferred(["de"], ["en", "ru"])).toBe("en");
  expect(preferred(["uz-Cyrl-UZ"], ["en", "uz"])).toBe("uz");
});

it("names a language in itself", () => {
  expect(["en", "ru", "es", "tr", "kk", "uz"].map(nameOf)).toEqual(["English", "Русский", "Español", "Türkçe", "Қазақ тілі", "Oʻzbekcha"]);
});

it("what a person wrote is in no language that anybody told, unless there are translations", () => {
  expect(languageOfWords({ en: "Здесь собака" }, "ru")).toBeUndefined();
  expect(languageOfWords({ en: "A dog", ru: "Собака" }, "ru")).toBe("ru");
});

it("of what a person wrote the language is known where its letters are not the reader's, or it is kept under its own code", () => {
  expect(languageOfWords({ en: "Здесь собака" }, "en")).toBe("ru");
  expect(languageOfWords({ en: "Бұл ит" }, "tr")).toBe("kk");
  expect(languageOfWords({ en: "It barks" }, "ru")).toBe("en");
  expect(languageOfWords({ en: "¿Qué es?" }, "kk")).toBe("es");
  expect(languageOfWords({ en: "¿Qué es?" }, "tr")).toBeUndefined();
  expect(languageOfWords({ en: "12:30" }, "ru")).toBeUndefined();
  expect(languageOfWords({ en: "Собака", ru: "Собака" }, "es")).toBe("ru");
  expect(foreignOf([{ en: "Собака" }], "en", languageOfWords)).toBe("ru");
});
