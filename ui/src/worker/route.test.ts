import { expect, it } from "vitest";
import { pathOf, screenOf } from "./route.svelte";

it.each([
  ["/join/abc", { kind: "join", invitation: "abc" }],
  ["/work", { kind: "runs" }],
  ["/work/", { kind: "runs" }],
  ["/work/history", { kind: "history" }],
  ["/work/runs/cats", { kind: "run", run: "cats" }],
  ["/work/runs", { kind: "unknown" }],
  ["/work/runs/a/b", { kind: "unknown" }],
  ["/join", { kind: "unknown" }],
  ["/elsewhere", { kind: "unknown" }],
  ["/work/runs/%E0%A4%A", { kind: "run", run: "%E0%A4%A" }],
])("the address %s shows %j", (path, screen) => {
  expect(screenOf(path)).toEqual(screen);
});

it("finds a run by the path made for it, whatever its name", () => {
  expect(screenOf(pathOf("кошки и/или собаки?"))).toEqual({ kind: "run", run: "кошки и/или собаки?" });
});
