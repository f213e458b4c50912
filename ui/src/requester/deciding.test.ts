import { expect, test } from "vitest";
import type { Correction } from "./api";
import { decisionsOn, lastOf, outcome } from "./deciding";

test("what was said of a page last is what holds, whatever was said of others", () => {
  const said: Correction[] = [
    { kind: "reject", page: "a", reason: { en: "All the same." } },
    { kind: "accept", page: "b" },
    { kind: "accept", page: "a" },
    { kind: "discard", worker: "a" },
  ];
  expect(lastOf("a", said)).toEqual({ kind: "accept", page: "a" });
  expect(lastOf("a", said.slice(0, 1))?.kind).toBe("reject");
  expect(lastOf("c", said)).toBeNull();
  expect(outcome("reject")).toBe("rejected");
  // An appeal that was upheld has accepted the page after all.
  expect(outcome(lastOf("a", [...said, { kind: "upheld", page: "a" }])?.kind ?? "reject")).toBe("accepted");
});

test("a page is decided on once it has answers, and otherwise than it was", () => {
  expect(decisionsOn("submitted")).toEqual(["accept", "reject"]);
  expect(decisionsOn("accepted")).toEqual(["reject"]);
  expect(decisionsOn("rejected")).toEqual(["accept"]);
  for (const state of ["held", "expired", "skipped", "released", "late"] as const) expect(decisionsOn(state)).toEqual([]);
});
