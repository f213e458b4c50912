import { expect, it } from "vitest";
import { clock, coming, duration, lines, money, percent, plainNumber } from "./format";

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
  const said = (seconds: number) => duration(seconds, "en").replaceAll("\u00a0", " ");
  expect([8, 43, 59, 72, 95, 7200, 172_800].map(said)).toEqual(["8 sec", "45 sec", "1 min", "1 min", "2 min", "2 hr", "2 days"]);
  expect(duration(8, "en")).toBe("8\u00a0sec");
});

it("shows a time to come by its day", () => {
  const now = new Date(2026, 10, 29, 23, 10).getTime() / 1000;
  const after = (hours: number, language: string) => coming(now + hours * 3600, language, now);
  expect([0.5, 11, 60].map((hours) => after(hours, "en-GB"))).toEqual(["today, 23:40", "tomorrow, 10:10", "2 Dec, 11:10"]);
  expect(after(11, "ru")).toBe("завтра, 10:10");
});

it("leaves numbers of data as they are", () => {
  expect([2024, 1_234_567, -0.25].map((value) => plainNumber(value, "en"))).toEqual(["2024", "1234567", "-0.25"]);
  expect(plainNumber(12_345.5, "ru")).toBe("12345,5");
  expect(plainNumber(-0, "en")).toBe("0");
});

it("shows shares in per cent", () => {
  expect(percent(0.953, "en")).toBe("95%");
});
