import { afterEach, expect, it, vi } from "vitest";
import { Film, roomFor } from "./film.svelte";

/** Whoever fetches more does so without end, and the test with them. */
const MANY = 1_000;
/** The pictures that somebody has, of all that were fetched. */
let fetched: string[] = [];
/** Whether pictures of frames come. */
let lost: (frame: number) => boolean = () => false;

async function opened(times: readonly number[], width = 64, height = 48): Promise<Film> {
  vi.useFakeTimers({ toFake: ["requestAnimationFrame", "cancelAnimationFrame", "performance"] });
  vi.stubGlobal("fetch", () => Promise.resolve({ ok: true, json: () => Promise.resolve({ width, height, times }) }));
  vi.stubGlobal(
    "Image",
    class {
      src = "";
      decode(): Promise<void> {
        fetched.push(this.src);
        if (fetched.length > MANY) return new Promise(() => undefined);
        return lost(Number(/frame=(\d+)/.exec(this.src)?.[1])) ? Promise.reject(new Error("lost")) : Promise.resolve();
      }
    },
  );
  const film = new Film("/film");
  await vi.advanceTimersByTimeAsync(50);
  return film;
}

function played(film: Film): number[] {
  const seen: number[] = [];
  film.play(0, (frame) => {
    seen.push(frame);
    film.show(frame);
  });
  return seen;
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  lost = () => false;
  fetched = [];
});

it("plays at the film's own pace, however long a frame is seen", async () => {
  const film = await opened([0, 0.04, 0.54, 1.54, 1.58]);
  const seen = played(film);
  await vi.advanceTimersByTimeAsync(100);
  expect(seen).toEqual([1]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(seen).toEqual([1, 2]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([seen.at(-1), film.playing]).toEqual([4, false]);
});

it("waits for what does not come, asks for it again, and names no frame that is not seen", async () => {
  lost = (frame) => frame > 2;
  const film = await opened(Array.from({ length: 12 }, (_, frame) => frame / 25));
  const seen = played(film);
  await vi.advanceTimersByTimeAsync(3_000);
  expect([seen.at(-1), film.playing]).toEqual([2, true]);
  lost = () => false;
  await vi.advanceTimersByTimeAsync(2_000);
  expect([seen.at(-1), film.playing]).toEqual([11, false]);
  expect(seen).toContain(3);
});

it("keeps as many pictures as there is room for: fewer of larger frames", () => {
  const bytes = (width: number, height: number): number => roomFor({ width, height }) * width * height * 4;
  expect(roomFor({ width: 768, height: 576 })).toBe(64);
  for (const [width, height] of [[1280, 720], [1920, 1080], [3840, 2160]] as const) expect(bytes(width, height)).toBeLessThanOrEqual(192 << 20);
});

it("keeps few pictures of a film that is not in hand", async () => {
  const times = Array.from({ length: 40 }, (_, frame) => frame / 25);
  const [first, second] = [await opened(times), await opened(times)];
  first.show(20);
  await vi.advanceTimersByTimeAsync(50);
  second.show(1);
  await vi.advanceTimersByTimeAsync(50);
  fetched = [];
  first.show(21);
  await vi.advanceTimersByTimeAsync(50);
  // What was farther ahead was let go of, and is fetched again.
  expect(fetched).toContain("/film?frame=30");
  expect(fetched).not.toContain("/film?frame=21");
});

it("fetches no picture of large frames again that it has just let go of, whichever way somebody goes", async () => {
  const times = Array.from({ length: 200 }, (_, frame) => frame / 25);
  for (const [width, height] of [[1920, 1080], [2560, 1440], [3840, 2160], [8192, 4320]] as const) {
    const film = await opened(times, width, height);
    for (let frame = 0; frame < 60; frame += 1) {
      film.show(frame);
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(new Set(fetched).size, `${width} on`).toBe(fetched.length);
    film.show(50);
    await vi.advanceTimersByTimeAsync(50);
    const settled = fetched.length;
    await vi.advanceTimersByTimeAsync(500);
    expect(fetched.length, `${width} back`).toBe(settled);
    film.close();
    fetched = [];
  }
});
