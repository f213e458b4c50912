import { expect, test } from "vitest";
import english from "../messages/requester.en.json";

const files = import.meta.glob<Record<string, unknown>>("../messages/requester.*.json", { eager: true, import: "default" });

const places = (message: unknown): string[] => [...new Set(JSON.stringify(message).match(/\{\w+\}/g) ?? [])].sort();

test.each(Object.entries(files))("%s has every text, with the same places in it", (_, messages) => {
  expect(Object.keys(messages).sort()).toEqual(Object.keys(english).sort());
  for (const [key, message] of Object.entries(english)) {
    expect([key, places(messages[key])]).toEqual([key, places(message)]);
  }
});
