import { beforeAll, expect, test } from "vitest";
import { Refused } from "../lib/api";
import { learn } from "../lib/i18n";
import { explain } from "./explain";

beforeAll(() => learn("en"));

test.each([
  [410, "run_deleted"],
  [404, "page_unknown"],
])("who sends a page of a task that was deleted is told so (%i %s)", (status, code) => {
  expect(explain(new Refused(status, code, ""))).toContain("deleted");
});
