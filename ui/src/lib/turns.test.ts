import { describe, expect, it } from "vitest";
import { Turns } from "./turns";

/** Takes turns by name; `begun` are those that load, `done` ends one. */
function queue() {
  const turns = new Turns();
  const begun: string[] = [];
  const done = new Map<string, () => void>();
  const take = (name: string) =>
    turns.take((ended, alone) => {
      begun.push(alone ? `${name} alone` : name);
      done.set(name, ended);
    });
  return { take, begun, end: (name: string) => done.get(name)!() };
}

describe("files of a page", () => {
  it("load in their order, two at a time, but the first alone", () => {
    const { take, begun, end } = queue();
    for (const name of ["first", "second", "third", "fourth", "fifth"]) take(name);
    expect(begun).toEqual(["first alone"]);
    end("first");
    expect(begun).toEqual(["first alone", "second", "third"]);
    end("third");
    expect(begun).toEqual(["first alone", "second", "third", "fourth"]);
    end("third");
    expect(begun).toHaveLength(4);
    end("second");
    expect(begun.at(-1)).toBe("fifth");
  });

  it("of the next page have a first one, too", () => {
    const { take, begun, end } = queue();
    take("only");
    end("only");
    for (const name of ["first", "second"]) take(name);
    expect(begun).toEqual(["only alone", "first alone"]);
    end("first");
    expect(begun.at(-1)).toBe("second");
  });

  it("that nobody needs any more make room for the next, whether they load or wait", () => {
    const { take, begun } = queue();
    const [first, , third] = ["first", "second", "third", "fourth"].map(take);
    third!();
    first!();
    expect(begun).toEqual(["first alone", "second", "fourth"]);
  });
});
