import { expect, test } from "vitest";
import { deviceOf } from "./device";

test("a small screen that is touched is a phone, whichever way it is held", () => {
  expect(deviceOf(true, 390, 844)).toBe("phone");
  expect(deviceOf(true, 844, 390)).toBe("phone");
});

test("tablets, narrow windows of computers and screens with a mouse are computers", () => {
  expect(deviceOf(true, 820, 1180)).toBe("computer");
  expect(deviceOf(false, 390, 844)).toBe("computer");
  expect(deviceOf(false, 1920, 1080)).toBe("computer");
});
