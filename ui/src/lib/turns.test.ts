import { describe, expect, it } from "vitest";
import { Turns } from "./turns";

/** Takes turns by name; `begun` are those that load, `done` ends one. */
function queue() {
  const turns = new Turns();
  const begun: string[] = [];
  const done = new Map<string, () => void>();
  const take = (name: string) =>
    turns.take((ended) => {
      begun.push(name);
      done.set(name, ended);
    });
  return { take, begun, end: (name: string) => done.get(name)!() };
}

describe("files of a page", () => {
  it("load in their order, two at a time", () => {
    const { take, begun, end } = queue();
    for (const name of ["first", "second", "third", "fourth"]) take(name);
    expect(begun).toEqual(["first", "second"]);
    end("second");
    expect(begun).toEqual(["first", "second", "third"]);
    end("second");
    expect(begun).toHaveLength(3);
    end("first");
    expect(begun.at(-1)).toBe("fourth");
  });

  it("that nobody needs any more make room for the next, whether they load or wait", () => {
    const { take, begun } = queue();
    const [first, , third] = ["first", "second", "third", "fourth"].map(take);
    third!();
    first!();
    expect(begun).toEqual(["first", "second", "fourth"]);
  });
});
