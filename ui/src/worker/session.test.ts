import { IDBFactory } from "fake-indexeddb";
import { expect, it, vi } from "vitest";
import type { Me, Page, RunTask } from "../lib/wire";
import { session } from "./session.svelte";

const ANNA: Me = { worker: "a1", name: "Anna", language: "en", currency: "USD", earned: 0, pending: 0, pages_accepted: 0, pages_pending: 0, pages_rejected: 0, replies: 0, others: [] };

it("does not send what one account has written as another that was opened in another tab", async () => {
  globalThis.indexedDB = new IDBFactory();
  let open = ANNA;
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    return new Response(JSON.stringify(open), { status: 200 });
  });
  await session.start();
  const mail = { kind: "message", message: { run: "run", text: "It is me", key: "1" } } as const;
  open = { ...ANNA, worker: "b2", name: "Boris" };
  expect(await session.write(mail)).toEqual({ kind: "waits" });
  await session.sendUnsent();
  expect(asked).not.toContain("/api/work/messages");
  open = ANNA;
  await session.sendUnsent();
  expect(asked.filter((path) => path === "/api/work/messages")).toHaveLength(1);
  expect(session.unsent).toEqual([]);
});

it("signs out on this device without a network, and tells the server before anything else once there is one", async () => {
  globalThis.indexedDB = new IDBFactory();
  let connected = true;
  let known = true;
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (path: string) => {
    if (!connected) throw new TypeError("no network");
    asked.push(path);
    if (path.endsWith("/leave")) known = false;
    return new Response(JSON.stringify(known ? ANNA : {}), { status: known || path.endsWith("/leave") ? 200 : 401 });
  });
  await session.start();
  expect(session.presence).toBe("in");
  connected = false;
  await session.leave();
  await session.refresh();
  expect([session.presence, session.unsure]).toEqual(["out", true]);
  connected = true;
  asked.length = 0;
  await session.refresh();
  expect(asked).toEqual(["/api/work/leave", "/api/work/me"]);
  expect([session.presence, session.unsure]).toEqual(["out", false]);
});

it("keeps since when a page is on the screen whoever signs out before any answer to it", async () => {
  globalThis.indexedDB = new IDBFactory();
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(ANNA), { status: 200 }));
  await session.start();
  const held = { run: "run", worker: "a1", content: {} as Page, task: {} as RunTask, until: Date.now() + 60_000, at: 1 };
  await session.store.pages.put({ ...held, page: "seen", shown: 1_000 });
  await session.store.pages.put({ ...held, page: "begun", shown: 2_000 });
  await session.store.pages.put({ ...held, page: "ahead", shown: null });
  await session.store.drafts.put({ page: "begun", answers: [{ name: "cat" }], drafts: [], played: [], shown: 2_000, at: Date.now() });
  await session.leave();
  expect(await session.store.pages.all()).toEqual([]);
  const kept = await session.store.drafts.all();
  expect(kept.map(({ page, shown, answers }) => [page, shown, answers.length]).sort()).toEqual([["begun", 2_000, 1], ["seen", 1_000, 0]]);
});
