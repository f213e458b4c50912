import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const FILE = /\/messages\/(\w+)\.(\w+)\.json$/;

/** Fills what a language's file of messages lacks in with the English one's texts: a reader then loads one file, whole. */
export function messages(): Plugin {
  return {
    name: "messages",
    enforce: "pre",
    load(id) {
      if (!FILE.test(id)) return null;
      const english = id.replace(FILE, "/messages/$1.en.json");
      this.addWatchFile(english);
      return JSON.stringify(filledIn(readFileSync(id, "utf8"), readFileSync(english, "utf8")));
    },
  };
}

/** The messages of one JSON text, those of the other where it has none. */
export function filledIn(messages: string, english: string): Record<string, unknown> {
  return { ...(JSON.parse(english) as object), ...(JSON.parse(messages) as object) };
}
