import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Page, RunTask } from "../lib/wire";
import type { Outbox } from "./outbox";
import { session } from "./session.svelte";
import { openStore, type Letter, type Store } from "./store";
import { Work } from "./work.svelte";

const FIELD = { name: "value", type: "boolean", title: { en: "A dog?" }, settings: {} };
const TASK = { run: "run", revision: 1, task: { inputs: [], outputs: [FIELD] }, widgets: {}, alone: false } as unknown as RunTask;
const PAGE = { page: "p1", revision: 1, items: [{ inputs: {} }], seconds_left: 600 } as unknown as Page;

let store: Store;
let sent: Letter[];

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  store = session.store = await openStore();
  sent = [];
  vi.stubGlobal("fetch", async (path: string, { body }: { body: string }) => Response.json(path.endsWith("/pages") ? given(JSON.parse(body).have) : TASK));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** What the server gives to who has these pages: there is one. */
const given = (have: string[]) => (have.length > 0 ? { page: null, closed: { reason: "finished", text: {}, until: null } } : { page: PAGE, closed: null });

function work(): Work {
  const outbox = { waiting: async () => sent, add: async (letter: Letter) => void sent.push(letter) } as unknown as Outbox;
  return new Work("run", "ann", store, outbox);
}

it("who signs out and in again in the middle of a page has the time that it was on the screen before", async () => {
  const before = work();
  await before.open();
  before.answer(0, "value", true);
  await vi.waitFor(async () => expect(await store.drafts.all()).toHaveLength(1));
  before.leave();
  await session.forget();
  expect(await store.pages.all()).toEqual([]);
  const later = Date.now() + 40_000;
  vi.spyOn(Date, "now").mockReturnValue(later);
  const after = work();
  await after.open();
  expect(after.answers).toEqual([{ value: true }]);
  await after.submit();
  expect(sent.map((letter) => letter.seconds)).toEqual([expect.closeTo(40, 0)]);
  // It asks for the next page, and has to be told before the server of this test is gone.
  await vi.waitFor(() => expect(after.phase).toBe("closed"));
  after.leave();
});

it("asks for no page while the one fetched ahead is made ready, however fast its worker is", async () => {
  const pages = ["p1", "p2"].map((page) => ({ ...PAGE, page }));
  const asked: string[][] = [];
  vi.stubGlobal("fetch", async (path: string, { body }: { body: string }) => {
    if (!path.endsWith("/pages")) return Response.json(TASK);
    const { have } = JSON.parse(body) as { have: string[] };
    asked.push(have);
    return Response.json({ ...given(["all"]), page: pages.find(({ page }) => !have.includes(page)) ?? null });
  });
  let ready = (): void => undefined;
  const disk = new Promise<void>((resolve) => (ready = resolve));
  const read = store.drafts.get.bind(store.drafts);
  vi.spyOn(store.drafts, "get").mockImplementation(async (page) => (page === "p2" ? disk.then(() => read(page)) : read(page)));
  const fast = work();
  await fast.open();
  await vi.waitFor(() => expect(store.drafts.get).toHaveBeenCalledWith("p2"));
  fast.answer(0, "value", true);
  await fast.submit();
  ready();
  await vi.waitFor(() => expect(fast.page?.page).toBe("p2"));
  await vi.waitFor(() => expect(asked).toEqual([[], ["p1"], ["p2", "p1"]]));
  fast.leave();
});

it("who leaves a task declines the page and asks for no other", async () => {
  const asked: string[] = [];
  const one = work();
  await one.open();
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    return Response.json({ state: "skipped" });
  });
  await one.quit();
  expect(asked.map((path) => path.split("/").slice(-2))).toEqual([["p1", "skip"]]);
  expect(await store.pages.all()).toEqual([]);
  one.leave();
});
