import { expect, test } from "vitest";
import { newToken } from "./token";

test("a token is 256 random bits in letters that an address and the server take", () => {
  const tokens = Array.from({ length: 200 }, newToken);
  expect(new Set(tokens).size).toBe(200);
  for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
