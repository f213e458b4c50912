import { beforeAll, expect, test } from "vitest";
import { Refused } from "../lib/api";
import { learn } from "../lib/i18n";
import { explain, opensAt, whyClosed } from "./explain";

beforeAll(() => learn("en"));

test.each([
  [410, "run_deleted"],
  [404, "page_unknown"],
])("who sends a page of a task that was deleted is told so (%i %s)", (status, code) => {
  expect(explain(new Refused(status, code, ""))).toContain("deleted");
});

test("who is shut out for good is told no date", () => {
  const closed = { reason: "restricted", text: {}, until: 9e9 } as never;
  expect([opensAt(closed), whyClosed(closed)]).toEqual([null, "closed_for_good"]);
  const passing = { reason: "restricted", text: {}, until: 1.8e9 } as never;
  expect([opensAt(passing), whyClosed(passing)]).toEqual([1.8e9, "closed_restricted"]);
});
