import { expect, it, vi } from "vitest";
import { Refused } from "../lib/api";
import { contact } from "../lib/contact.svelte";
import { Standing } from "./standing.svelte";

it("who has left the screen asks no more, even if a look was on its way", async () => {
  vi.useFakeTimers();
  const asked = vi.fn(async () => Response.json({ pages_rejected: 0 }));
  vi.stubGlobal("fetch", asked);
  const stop = new Standing("run", "ann").follow();
  stop();
  await vi.advanceTimersByTimeAsync(120_000);
  vi.useRealTimers();
  expect(asked).toHaveBeenCalledOnce();
});

it("a server that does not answer is asked ever more seldom, and not by all pages in the same moment", async () => {
  vi.useFakeTimers();
  const chance = vi.spyOn(Math, "random");
  const asked = vi.fn(async () => Promise.reject(new TypeError("nobody is there")));
  vi.stubGlobal("fetch", asked);
  const counts = [];
  for (const one of [0.5, 0]) {
    chance.mockReturnValue(one);
    asked.mockClear();
    const stop = new Standing("run", "ann").follow();
    // At 0, 3, 9 and 21 seconds, then every fifteen; a quarter sooner where the lot falls so.
    await vi.advanceTimersByTimeAsync(40_000);
    counts.push(asked.mock.calls.length);
    stop();
  }
  chance.mockRestore();
  vi.useRealTimers();
  contact.note(true);
  expect(counts).toEqual([5, 6]);
});

it("who is shut out hears of it by the next look", async () => {
  vi.stubGlobal("fetch", async () => Response.json({ error: { code: "shut_out", message: "closed", details: {} } }, { status: 403 }));
  const standing = new Standing("run", "ann");
  const heard = vi.fn();
  standing.onfailed = heard;
  await standing.look();
  expect(heard).toHaveBeenCalledExactlyOnceWith(expect.any(Refused));
});

it("what came while the worker read is not read", async () => {
  const told = (pages_rejected: number) => ({ pages_rejected, objectionable: [], closed: null });
  let rejected = 1;
  vi.stubGlobal("fetch", async () => Response.json(told(rejected)));
  const standing = new Standing("other", "ann");
  await standing.look();
  const shown = standing.now;
  rejected = 3;
  await standing.look();
  standing.read(shown);
  expect(standing.rejected).toBe(2);
  standing.read(standing.now);
  expect(standing.rejected).toBe(0);
});
