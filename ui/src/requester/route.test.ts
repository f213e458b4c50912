import { describe, expect, test } from "vitest";
import { parse, paths } from "./route";

describe("addresses", () => {
  test("every screen has one", () => {
    expect(parse("/")).toEqual({ screen: "runs" });
    expect(parse("/runs/")).toEqual({ screen: "runs" });
    expect(parse("/login")).toEqual({ screen: "login" });
    expect(parse("/runs/pets")).toEqual({ screen: "run", run: "pets", tab: "overview" });
    expect(parse("/runs/pets/workers")).toEqual({ screen: "run", run: "pets", tab: "workers" });
    expect(parse("/runs/pets/items/7")).toEqual({ screen: "item", run: "pets", key: "7" });
    expect(parse("/pipelines/scenes")).toEqual({ screen: "pipeline", pipeline: "scenes" });
    expect(parse("/loops/digits")).toEqual({ screen: "loop", loop: "digits" });
    expect(parse("/loops/digits/more")).toEqual({ screen: "unknown" });
    expect(parse("/runs/pets/certificate")).toEqual({ screen: "certificate", run: "pets" });
    expect(parse("/people")).toEqual({ screen: "people" });
    expect(parse("/people/invitations")).toEqual({ screen: "invitations" });
    expect(parse(paths.person("3f2a9c417be0d65a"))).toEqual({ screen: "person", worker: "3f2a9c417be0d65a" });
    expect(parse(paths.inbox())).toEqual({ screen: "inbox", part: "appeals" });
    expect(parse(paths.inbox("messages"))).toEqual({ screen: "inbox", part: "messages" });
    expect(parse(paths.appeal("pets", "ab12"))).toEqual({ screen: "appeal", run: "pets", page: "ab12" });
    expect(parse("/preview/ab12")).toEqual({ screen: "preview", preview: "ab12" });
  });

  test("names with slashes, percent signs and other letters come back as they were", () => {
    for (const name of ["a/b", "a//b", "../b", "100%", "фото №1", "<img src=x>", "..", "a?b#c"]) {
      expect(parse(paths.run(name, "items"))).toEqual({ screen: "run", run: name, tab: "items" });
      expect(parse(paths.pipeline(name))).toEqual({ screen: "pipeline", pipeline: name });
      expect(parse(paths.loop(name))).toEqual({ screen: "loop", loop: name });
      expect(parse(paths.certificate(name))).toEqual({ screen: "certificate", run: name });
      expect(parse(paths.item("pets", name))).toEqual({ screen: "item", run: "pets", key: name });
    }
  });

  test("what is no address of ours is unknown, also if it cannot be decoded", () => {
    for (const path of ["/runs/pets/nothing", "/runs/pets/workers/a", "/work", "/preview", "/runs/%E0%A4%A"]) {
      expect(parse(path)).toEqual({ screen: "unknown" });
    }
  });
});
