import { beforeEach, expect, it, vi } from "vitest";
import { call, Refused, Unreachable } from "./api";
import { contact } from "./contact.svelte";

const asked: [string, RequestInit][] = [];
let answer: () => Response;

beforeEach(() => {
  asked.length = 0;
  answer = () => Response.json({});
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    asked.push([path, init]);
    return answer();
  });
});

it("fills the parts of a path in, whatever they hold", async () => {
  await call("GET /api/runs/{run}/items/{key}", { path: { run: "pets & co", key: "a/b?c" } });
  expect(asked[0]![0]).toBe("/api/runs/pets%20%26%20co/items/a%2Fb%3Fc");
  expect(asked[0]![1]).toMatchObject({ method: "GET", credentials: "same-origin" });
  expect(asked[0]![1].body).toBeUndefined();
});

it("asks only for what is given in the query", async () => {
  await call("GET /api/runs/{run}/items", { path: { run: "pets" }, query: { offset: 0, search: "", flag: undefined, order: "key" } });
  await call("GET /api/runs/{run}", { path: { run: "pets" } });
  expect(asked.map(([path]) => path)).toEqual(["/api/runs/pets/items?offset=0&order=key", "/api/runs/pets"]);
});

it("sends JSON with everything that changes something", async () => {
  await call("POST /api/work/pages/{page}/submit", { path: { page: "p" }, body: { answers: [{ animal: "dog" }] } });
  await call("POST /api/work/leave");
  expect(asked.map(([, init]) => init.body)).toEqual(['{"answers":[{"animal":"dog"}]}', "{}"]);
  expect(asked[1]![1].headers).toMatchObject({ "Content-Type": "application/json" });
});

it("tells a refusal by its code, and by its status where a proxy answers", async () => {
  answer = () => Response.json({ error: { code: "run_unknown", message: "there is no run", details: {} } }, { status: 404 });
  await expect(call("GET /api/runs")).rejects.toMatchObject({ code: "run_unknown", status: 404, passing: false });
  answer = () => new Response("<h1>Bad gateway</h1>", { status: 502 });
  const refusal = await call("GET /api/runs").catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(Refused);
  expect(refusal).toMatchObject({ code: "http_502", passing: true });
  answer = () => Response.json({ error: { code: "task_unreadable", message: "no package", details: {} } }, { status: 503 });
  await expect(call("GET /api/runs")).rejects.toMatchObject({ code: "task_unreadable", passing: false });
});

it("tells when nothing answered", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
  await expect(call("GET /health")).rejects.toBeInstanceOf(Unreachable);
});

it("takes half a reply, and a page that stands between, for none", async () => {
  answer = () => new Response('{"runs": [{"run"');
  await expect(call("GET /api/runs")).rejects.toBeInstanceOf(Unreachable);
  answer = () => new Response("<h1>Sign in to this network</h1>");
  await expect(call("GET /api/runs")).rejects.toBeInstanceOf(Unreachable);
});

it("waits for no silent network for ever, and longer where there is more to send", async () => {
  const patience = vi.spyOn(AbortSignal, "timeout").mockReturnValue(AbortSignal.abort(new DOMException("", "TimeoutError")));
  vi.stubGlobal("fetch", async (_: string, { signal }: RequestInit) => signal!.throwIfAborted());
  await expect(call("GET /health")).rejects.toBeInstanceOf(Unreachable);
  await expect(call("POST /api/session", { body: { secret: "x".repeat(5_000) } })).rejects.toBeInstanceOf(Unreachable);
  const [short, long] = patience.mock.calls.map(([milliseconds]) => milliseconds);
  expect(long! - short!).toBeGreaterThan(5_000);
});

it("knows from the first request that nobody answers that the server is lost, and tells once that it is back", async () => {
  await call("GET /api/runs");
  const back = vi.spyOn(contact, "onback");
  expect(contact.lost).toBe(false);
  answer = () => {
    throw new TypeError("Failed to fetch");
  };
  await call("GET /api/runs").catch(() => undefined);
  expect([contact.lost, back.mock.calls.length]).toEqual([true, 0]);
  answer = () => new Response("<h1>Sign in</h1>");
  await call("GET /api/runs").catch(() => undefined);
  expect([contact.lost, back.mock.calls.length]).toEqual([true, 0]);
  // Whatever it says, it answers.
  answer = () => Response.json({ error: { code: "run_unknown", message: "there is no run", details: {} } }, { status: 404 });
  for (const _ of [1, 2]) await call("GET /api/runs").catch(() => undefined);
  expect([contact.lost, back.mock.calls.length]).toEqual([false, 1]);
});
