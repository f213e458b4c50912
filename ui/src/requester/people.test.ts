import { beforeAll, expect, test } from "vitest";
import { learn } from "../lib/i18n";
import { answerLine, cameBy, isOpen, linksCsv, namesIn, plannedHourly } from "./people";

beforeAll(() => learn("en"));

test("names are pasted one a line", () => {
  expect(namesIn(" Anna \r\n\n  Борис\rCid\n")).toEqual(["Anna", "Борис", "Cid"]);
});

test("no name is a formula in the file of links", () => {
  const csv = linksCsv([
    ['=HYPERLINK("http://evil.example")', "http://here/join/a"],
    [" @sum", "http://here/join/b"],
    ['Anna "An"', "http://here/join/c"],
  ]);
  expect(csv).toBe('\ufeff"\'=HYPERLINK(""http://evil.example"")","http://here/join/a"\r\n"\' @sum","http://here/join/b"\r\n"Anna ""An""","http://here/join/c"\r\n');
});

test("an invitation is open until it is used up, over or revoked", () => {
  const invitation = { invitation: "a", path: "/join/a", run: null, created: 0, expires: 10, uses: 1, used: 0, revoked: false };
  expect([isOpen(invitation, 9), isOpen(invitation, 10), isOpen({ ...invitation, used: 1 }, 9), isOpen({ ...invitation, revoked: true }, 9)]).toEqual([true, false, false, false]);
  expect(isOpen({ ...invitation, uses: null, used: 9 }, 9)).toBe(true);
});

test("an answer is told on a line and cut where it is long", () => {
  expect(answerLine({ answer: "yes", sure: 3 })).toBe("yes · 3");
  expect(answerLine({ text: "a\n".repeat(100) })).toHaveLength(81);
});

test("an hour is planned by the price of a full page and the time that its items take", () => {
  // Ten items of 18 seconds are three minutes: twenty pages an hour, of 20 cents each.
  const prices = Array.from({ length: 10 }, (_, n) => (n + 1) * 20_000);
  expect(plannedHourly({ prices, task: { duration: 18 } })).toBe(4_000_000);
});

test("how somebody came is told once, and not what they are called anyway", () => {
  const came = { invitation: "a", name: "Anna", label: "course 3", run: null };
  const person = { name: "Anna", came_by: [came, { ...came, invitation: "b" }] };
  expect(cameBy(person as never)).toBe("course 3");
  expect(cameBy({ ...person, name: "Eve" } as never)).toBe("as Anna · course 3");
});
