import { describe, expect, it } from "vitest";
import { languagesIn, regionsIn } from "./codes";

describe.each(["en", "ru"])("languages and countries in %s", (speech) => {
  it("have names, each once", () => {
    for (const found of [languagesIn(speech), regionsIn(speech)]) {
      expect(found.filter(({ code, name }) => code === name)).toEqual([]);
      expect(new Set(found.map(({ name }) => name)).size).toBe(found.length);
      expect(found.length).toBeGreaterThan(150);
    }
  });
});
