import { expect, it, vi } from "vitest";
import { Refused } from "../lib/api";
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
