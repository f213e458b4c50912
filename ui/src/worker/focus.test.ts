import { describe, expect, it } from "vitest";
import type { Field, Page, TaskSpec } from "../lib/wire";
import { after, finished, missing, step } from "./focus";

const field = (name: string, more: Partial<Field> = {}): Field => ({ name, type: "choice", title: { en: name }, ...more });
const clip = field("clip", { type: "audio", settings: { play_to_end: true } });

function task(inputs: Field[], outputs: Field[]): TaskSpec {
  return { id: "t", name: { en: "t" }, instruction: { en: "t" }, duration: 1, inputs, outputs };
}

function page(...inputs: Record<string, unknown>[]): Page {
  return { page: "p", run: "r", items: inputs.map((one) => ({ inputs: one })), price: 0, currency: "USD", seconds_left: 60, revision: 0 };
}

describe("after an answer", () => {
  it("comes the item's next question, then the next item, then nothing", () => {
    expect(after({ item: 0, output: 0 }, 2, 2)).toEqual({ item: 0, output: 1 });
    expect(after({ item: 0, output: 1 }, 2, 2)).toEqual({ item: 1, output: 0 });
    expect(after({ item: 1, output: 1 }, 2, 2)).toBeNull();
  });
});

it("steps between items stay on the page", () => {
  expect(step({ item: 1, output: 2 }, 1, 3)).toEqual({ item: 2, output: 0 });
  expect(step({ item: 2, output: 1 }, 1, 3)).toEqual({ item: 2, output: 1 });
  expect(step({ item: 0, output: 0 }, -1, 3)).toEqual({ item: 0, output: 0 });
});

describe("a page cannot be sent", () => {
  const seen = (played: string[][] = [], failed: string[][] = []) => (item: number) => ({ played: played[item] ?? [], failed: failed[item] ?? [] });
  const listen = task([clip], [field("a")]);
  const clips = (...urls: (string | null)[]) => page(...urls.map((url) => ({ clip: url && { url } })));

  it("while a question that needs an answer has none; false and 0 are answers", () => {
    const asked = task([], [field("a"), field("b", { required: false })]);
    expect(missing(asked, page({}, {}, {}), [{ a: false }, {}, { a: 0 }], seen())).toEqual([{ item: 1, output: 0, why: "answer" }]);
  });

  it("while an answer was taken back", () => {
    expect(missing(task([], [field("a")]), page({}), [{ a: undefined }], seen())).toHaveLength(1);
  });

  it("while something is begun and not finished beside an answer, or in place of one that is not needed", () => {
    const asked = task([], [field("a"), field("b", { required: false })]);
    const begun = (drafts: Record<string, unknown>) => () => ({ played: [], failed: [], drafts });
    expect(missing(asked, page({}), [{ a: 1 }], begun({ a: { drawing: [[0, 0]] } }))).toEqual([{ item: 0, output: 0, why: "unfinished" }]);
    expect(missing(asked, page({}), [{ a: 1 }], begun({ b: "12:" }))).toEqual([{ item: 0, output: 1, why: "unfinished" }]);
    expect(missing(asked, page({}), [{}], begun({ a: "12:" }))).toEqual([{ item: 0, output: 0, why: "answer" }]);
    expect(missing(asked, page({}), [{ a: 1 }], begun({ a: undefined }))).toEqual([]);
    expect(missing(asked, page({}), ["broken"], begun({ a: 1 }))).toEqual([]);
  });

  it("while a recording that must be played was not, if there is one", () => {
    const gaps = missing(listen, clips("x", "y", null), [{ a: 1 }, { a: 1 }, { a: 1 }], seen([["clip"], []]));
    expect(gaps).toEqual([{ item: 1, output: 0, why: "play" }]);
  });

  it("while an item was answered that cannot be shown, until it is reported", () => {
    const failed = seen([], [[], ["clip"]]);
    expect(missing(listen, clips(null, "y"), [{ a: 1 }, { a: 1 }], failed)).toEqual([{ item: 1, output: 0, why: "failed" }]);
    expect(missing(listen, clips(null, "y"), [{ a: 1 }, "broken"], failed)).toEqual([]);
  });

  it("for an item that is reported nothing is missing", () => {
    expect(missing(listen, clips("x"), ["unclear"], seen())).toEqual([]);
  });
});

it("counts items with nothing missing", () => {
  const gaps = [
    { item: 0, output: 0, why: "answer" },
    { item: 0, output: 1, why: "play" },
  ] as const;
  expect(finished(3, gaps)).toBe(2);
});
