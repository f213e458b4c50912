import { describe, expect, it } from "vitest";
import { Stopwatch } from "./stopwatch";

/** A device: its clock can be set, time passes for both clocks alike, and a reload begins the steady one anew. */
class Device {
  wallTime = 1_750_000_000_000;
  steadyTime = 5_000;
  clocks = { wall: () => this.wallTime, steady: () => this.steadyTime };

  pass(seconds: number): void {
    this.wallTime += seconds * 1000;
    this.steadyTime += seconds * 1000;
  }

  set(seconds: number): void {
    this.wallTime += seconds * 1000;
  }
}

describe("the time on the screen", () => {
  it("runs from the moment the page is shown", () => {
    const device = new Device();
    const watch = new Stopwatch(null, device.clocks);
    device.pass(17.25);
    expect(watch.seconds).toBe(17.25);
  });

  it("goes on across a reload", () => {
    const device = new Device();
    const { shown } = new Stopwatch(null, device.clocks);
    device.pass(40);
    device.steadyTime = 0;
    const watch = new Stopwatch(shown, device.clocks);
    device.pass(3);
    expect(watch.seconds).toBe(43);
  });

  it.each([-60, 86_400])("does not follow the device's clock when it is set by %i seconds", (step) => {
    const device = new Device();
    const watch = new Stopwatch(null, device.clocks);
    device.pass(10);
    device.set(step);
    device.pass(7);
    expect(watch.seconds).toBe(17);
  });

  it("is what passed since a reload if the clock was set back before it", () => {
    const device = new Device();
    const { shown } = new Stopwatch(null, device.clocks);
    device.set(-60);
    const watch = new Stopwatch(shown, device.clocks);
    device.pass(5);
    expect(watch.seconds).toBe(5);
  });
});
