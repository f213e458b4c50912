import { expect, it } from "vitest";
import { pathOf, screenOf, trainingOf } from "./route.svelte";

it.each([
  ["/join/abc", { kind: "join", invitation: "abc" }],
  ["/work", { kind: "runs" }],
  ["/work/", { kind: "runs" }],
  ["/work/history", { kind: "history" }],
  ["/work/runs/cats", { kind: "run", run: "cats" }],
  ["/work/runs", { kind: "unknown" }],
  ["/work/runs/a/b", { kind: "unknown" }],
  ["/work/runs/cats/training", { kind: "training", run: "cats" }],
  ["/work/runs/cats/training/x", { kind: "unknown" }],
  ["/join", { kind: "unknown" }],
  ["/elsewhere", { kind: "unknown" }],
  ["/work/runs/%E0%A4%A", { kind: "run", run: "%E0%A4%A" }],
])("the address %s shows %j", (path, screen) => {
  expect(screenOf(path)).toEqual(screen);
});

it("finds a run by the path made for it, whatever its name", () => {
  expect(screenOf(pathOf("кошки и/или собаки?"))).toEqual({ kind: "run", run: "кошки и/или собаки?" });
  expect(screenOf(trainingOf("кошки и/или собаки?"))).toEqual({ kind: "training", run: "кошки и/или собаки?" });
});
