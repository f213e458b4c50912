import { expect, it } from "vitest";
import { clock, duration, lines, money, percent } from "./format";

it("shows money with as many digits as the amount has", () => {
  expect(money(24_000, "USD", "en")).toBe("$0.024");
  expect(money(1_240_000, "USD", "en")).toBe("$1.24");
  expect(money(1, "USD", "en")).toBe("$0.000001");
});

it("breaks a line wherever a program has ended one", () => {
  expect(lines("a\rb\r\nc\nd")).toBe("a\nb\nc\nd");
});

it("shows amounts in currencies that no bank knows", () => {
  expect(money(2_500_000, "points", "en")).toBe("2.5 points");
});

it("shows time left as a clock", () => {
  expect([0, 0.2, 59, 61, 3600, -5].map(clock)).toEqual(["0:00", "0:01", "0:59", "1:01", "1:00:00", "0:00"]);
});

it("shows lengths of time in their largest unit", () => {
  expect([45, 95, 7200, 172_800].map((seconds) => duration(seconds, "en"))).toEqual(["45 sec", "2 min", "2 hr", "2 days"]);
});

it("shows shares in per cent", () => {
  expect(percent(0.953, "en")).toBe("95%");
});
