import { beforeAll, expect, test } from "vitest";
import { Refused } from "../lib/api";
import { learn } from "../lib/i18n";
import { explain } from "./trouble";

beforeAll(() => learn("en"));

// What the dialogs of a run are refused for in the course of things.
test.each(["name_invalid", "run_differs", "run_busy", "run_archived", "run_moving", "run_deleted", "run_closed", "item_invalid", "worker_forgotten"])(
  "a refusal for %s is told in words",
  (code) => {
    expect(explain(new Refused(409, code, ""))).not.toContain(code);
  },
);
