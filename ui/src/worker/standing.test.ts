import { expect, it, vi } from "vitest";
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
