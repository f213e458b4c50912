import { afterEach, expect, test, vi } from "vitest";

const MOMENT = new Date(2026, 10, 29, 22, 5);

afterEach(() => vi.restoreAllMocks());

/** The module as it is in a browser that has no data for Kazakh and Uzbek, or in one that has. */
async function browser(data: boolean): Promise<typeof import("./locale")> {
  vi.resetModules();
  if (!data) {
    const real = Intl.DateTimeFormat;
    vi.spyOn(Intl, "DateTimeFormat").mockImplementation(((language: string, options: Intl.DateTimeFormatOptions) =>
      ["kk", "uz"].includes(language) && options.month === "short" ? { format: () => "M01" } : new real(language, options)) as never);
  }
  return import("./locale");
}

test("a browser that knows a language writes its dates and times", async () => {
  const { dateOf, inUnit, dayName } = await browser(true);
  expect(dateOf(MOMENT, "uz", { dateStyle: "medium" })).toBe(new Intl.DateTimeFormat("uz", { dateStyle: "medium" }).format(MOMENT));
  expect([inUnit(5, "minute", "uz"), dayName(1, "kk")]).toEqual(["5 daq.", "ертең"]);
});

test("where a browser has no data of Kazakh and Uzbek, dates are in figures and words of time their own", async () => {
  const { dateOf, dayName, inUnit, numbersOf, relative } = await browser(false);
  expect(dateOf(MOMENT, "kk", { dateStyle: "medium", timeStyle: "short" })).toBe("29.11.2026, 22:05");
  expect(dateOf(MOMENT, "uz", { timeStyle: "short" })).toBe("22:05");
  expect(new Intl.NumberFormat(numbersOf("uz")).format(1234.5)).toBe("1\u00a0234,5");
  expect([inUnit(1.5, "hour", "uz", 1), inUnit(5, "day", "kk")]).toEqual(["1,5 soat", "5 күн"]);
  expect([dayName(0, "uz"), dayName(1, "kk")]).toEqual(["bugun", "ертең"]);
  expect([relative(-5, "minute", "uz"), relative(2, "day", "kk")]).toEqual(["5 daq. oldin", "2 күн кейін"]);
  expect([numbersOf("es"), numbersOf("de")]).toEqual(["es", "de"]);
});

test("where a browser has no names of countries in Kazakh and Uzbek, they are the Russian ones, and not those of its own language", async () => {
  const { namesIn } = await browser(false);
  expect([namesIn("kk", "region").of("KZ"), namesIn("uz", "language").of("tr")]).toEqual(["Казахстан", "турецкий"]);
  expect([namesIn("es", "region").of("DE"), namesIn("kk", "region", "none").of("QX")]).toEqual(["Alemania", undefined]);
});

test("where a browser has names of countries in Kazakh, they are those", async () => {
  const { namesIn } = await browser(true);
  expect(namesIn("kk", "region").of("KZ")).toBe("Қазақстан");
});
