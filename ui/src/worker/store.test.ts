import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it } from "vitest";
import { openStore, type Draft } from "./store";

const draft = (page: string, at = Date.now()): Draft => ({ page, answers: [{ value: "dog" }, {}], drafts: [{}, { note: "half a" }], played: [["clip"], []], shown: at, at });

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

describe("a draft", () => {
  it("is there after the store was opened again", async () => {
    const kept = draft("p1");
    await (await openStore()).drafts.put(kept);
    expect(await (await openStore()).drafts.get("p1")).toEqual(kept);
  });

  it("gives way to the later one of the same page", async () => {
    const { drafts } = await openStore();
    await drafts.put(draft("p1"));
    await drafts.put({ ...draft("p1"), answers: [{ value: "cat" }] });
    expect((await drafts.get("p1"))?.answers).toEqual([{ value: "cat" }]);
    expect(await drafts.all()).toHaveLength(1);
  });

  it("is gone once it was removed", async () => {
    const { drafts } = await openStore();
    await drafts.put(draft("p1"));
    await drafts.remove("p1");
    expect(await drafts.get("p1")).toBeUndefined();
  });

  it("is forgotten a week after its last change", async () => {
    const { drafts } = await openStore();
    await drafts.put(draft("old", Date.now() - 8 * 24 * 3600 * 1000));
    await drafts.put(draft("new"));
    expect((await (await openStore()).drafts.all()).map((kept) => kept.page)).toEqual(["new"]);
  });
});

it("keeps letters in the order they were written", async () => {
  const { letters } = await openStore();
  const letter = (page: string, at: number) => ({ page, run: "r", worker: "w", answers: [], seconds: 5, at });
  for (const one of [letter("c", 2), letter("a", 3), letter("b", 1)]) await letters.put(one);
  expect((await letters.all()).map((one) => one.page)).toEqual(["b", "c", "a"]);
});

it("works as long as the tab where the browser allows no storage", async () => {
  globalThis.indexedDB = { open: () => { throw new DOMException("no", "SecurityError"); } } as unknown as IDBFactory;
  const { drafts } = await openStore();
  await drafts.put(draft("p1"));
  expect((await drafts.get("p1"))?.page).toBe("p1");
});
