import { flushSync, mount, unmount } from "svelte";
import { expect, it, vi } from "vitest";
import Clock from "./Clock.svelte";

it("takes back that the time is up when this device's clock is set right", () => {
  vi.useFakeTimers({ now: 1_000_000 });
  const told: boolean[] = [];
  const clock = mount(Clock, { target: document.body, props: { deadline: 1_060_000 + 90_000, onminute: () => undefined, onup: (up: boolean) => told.push(up) } });
  flushSync();
  vi.setSystemTime(1_000_000 + 3_600_000);
  vi.advanceTimersByTime(1000);
  vi.setSystemTime(1_002_000);
  vi.advanceTimersByTime(1000);
  expect(told).toEqual([true, false]);
  void unmount(clock);
  vi.useRealTimers();
});
