import { beforeEach, expect, it } from "vitest";
import { forget, keep, written } from "./written";

beforeEach(() => localStorage.clear());

it("what is begun is there after a reload, with the same key", () => {
  const one = { ...written("appeal:1"), text: "I looked at each." };
  keep("appeal:1", one);
  expect(written("appeal:1")).toEqual(one);
});

it("what was sent is begun anew, with another key", () => {
  const one = { ...written("appeal:1"), text: "I looked at each." };
  keep("appeal:1", one);
  forget("appeal:1");
  expect(written("appeal:1").text).toBe("");
  expect(written("appeal:1").key).not.toBe(one.key);
});

it("each thing that is written about has a text of its own", () => {
  keep("message:1:0", { text: "one", key: "a" });
  expect(written("message:1:1").text).toBe("");
});

it("an empty text is not kept", () => {
  keep("appeal:1", { text: "a", key: "a" });
  keep("appeal:1", { text: " ", key: "a" });
  expect(localStorage.length).toBe(0);
});
