import { beforeAll, expect, test } from "vitest";
import { Refused } from "../lib/api";
import { learn } from "../lib/i18n";
import english from "../messages/requester.en.json";
import { explain } from "./trouble";

beforeAll(() => learn("en"));

const files = import.meta.glob<Record<string, unknown>>("../messages/requester.*.json", { eager: true, import: "default" });

const sources = import.meta.glob<string>("../messages/*.json", { eager: true, query: "?raw", import: "default" });

const places = (message: unknown): string[] => [...new Set(JSON.stringify(message).match(/\{\w+\}/g) ?? [])].sort();

test.each(Object.entries(files))("%s has every text, with the same places in it", (_, messages) => {
  expect(Object.keys(messages).sort()).toEqual(Object.keys(english).sort());
  for (const [key, message] of Object.entries(english)) {
    expect([key, places(messages[key])]).toEqual([key, places(message)]);
  }
});

// JSON keeps the last of two texts of one name, and says nothing of the other.
test.each(Object.entries(sources))("%s has each text once", (_, source) => {
  const names = [...source.matchAll(/^ {2}"([^"]+)":/gm)].map((match) => match[1]);
  expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
});

// What the dialogs of a run are refused for in the course of things.
test.each(["name_invalid", "run_differs", "run_busy", "run_archived", "run_moving", "run_deleted", "run_closed", "item_invalid", "worker_forgotten"])(
  "a refusal for %s is told in words",
  (code) => {
    expect(explain(new Refused(409, code, ""))).not.toContain(code);
  },
);
