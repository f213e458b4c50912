import { expect, test } from "vitest";
import { catalogue } from "./i18n";
import { language } from "./language.svelte";

/** A catalogue whose files come when the test says. */
const waiting = new Map<string, (messages: object | null) => void>();
const file = (code: string) => () => new Promise((come, fail) => waiting.set(code, (messages) => (messages ? come(messages) : fail(new Error("no network")))));
const { t } = catalogue<{ yes: string }>({ "x.en.json": file("en"), "x.ru.json": file("ru"), "x.de.json": file("de") });

test("the page changes to a language when its texts are here, to the one chosen last, and stays where they do not come", async () => {
  const seen = (): string[] => [language.current, t(language.current, "yes"), document.documentElement.lang];
  const first = language.set("ru");
  waiting.get("ru")!({ yes: "Да" });
  await first;
  expect(seen()).toEqual(["ru", "Да", "ru"]);

  const [german, english] = [language.set("de"), language.set("en")];
  waiting.get("de")!({ yes: "Ja" });
  await german;
  waiting.get("en")!(null);
  await expect(english).rejects.toThrow("no network");
  expect(seen()).toEqual(["ru", "Да", "ru"]);

  const again = language.set("en");
  waiting.get("en")!({ yes: "Yes" });
  await again;
  expect(seen()).toEqual(["en", "Yes", "en"]);
});
