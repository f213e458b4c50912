// @vitest-environment node
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Recorder } from "./recorder";

/** The browser's side: a microphone whose sound the test gives out block by block. */
class Microphone {
  static node: { port: { onmessage: (event: { data: Float32Array }) => void } };
  static closed = 0;
  track = { label: "Microphone 1", onended: null as (() => void) | null, stop: vi.fn(), getSettings: () => ({ echoCancellation: false, noiseSuppression: true, autoGainControl: false }) };
  stream = { getTracks: () => [this.track], getAudioTracks: () => [this.track] };
}

class Context {
  sampleRate = 1000;
  state = "running";
  audioWorklet = { addModule: async () => undefined };
  resume = async () => undefined;
  createMediaStreamSource = () => ({ connect: () => undefined });
  close = async () => {
    this.state = "closed";
    Microphone.closed += 1;
  };
}

let microphone: Microphone;
let asked: () => Promise<unknown>;

beforeEach(() => {
  vi.useFakeTimers();
  Microphone.closed = 0;
  microphone = new Microphone();
  asked = async () => microphone.stream;
  Object.defineProperty(Context.prototype, "audioWorklet", { value: true, configurable: true, writable: true });
  vi.stubGlobal("AudioContext", Context);
  vi.stubGlobal(
    "AudioWorkletNode",
    class {
      port = { onmessage: () => undefined };
      constructor() {
        Microphone.node = this as never;
      }
    },
  );
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia: () => asked() }, permissions: { query: async () => ({ state: "prompt" }) } });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const hear = (...samples: number[]) => Microphone.node.port.onmessage({ data: Float32Array.from(samples) });

describe("a recording", () => {
  test("has what was heard until a moment after its end, and says how it was really made", async () => {
    const recorder = await Recorder.start();
    const levels: [number, number][] = [];
    recorder.onlevel = (...level) => levels.push(level);
    hear(0.25, -0.5);
    const ended = recorder.stop();
    hear(1, 0.125); // on its way when the end was asked for
    await vi.runAllTimersAsync();
    const take = await ended;
    expect(levels).toEqual([
      [0.5, 0.002],
      [1, 0.004],
    ]);
    expect(take).toMatchObject({ seconds: 0.004, peak: 1, clipped: 0.25 });
    expect(take.capture).toMatchObject({ rate: 1000, echo_cancellation: false, noise_suppression: true, auto_gain: false });
    expect(take.file.size).toBe(44 + 2 * 4);
    expect([microphone.track.stop.mock.calls.length, Microphone.closed]).toEqual([1, 1]);
  });

  test("that follows another has nothing of it, and one that is given up lets go of the microphone", async () => {
    const first = await Recorder.start();
    hear(0.5, 0.5);
    first.abandon();
    expect([microphone.track.stop.mock.calls.length, Microphone.closed]).toEqual([1, 1]);
    const second = await Recorder.start();
    hear(0.25);
    const ended = second.stop();
    await vi.runAllTimersAsync();
    expect(await ended).toMatchObject({ seconds: 0.001, peak: 0.25 });
  });

  test("hears that the microphone is gone", async () => {
    const recorder = await Recorder.start();
    const lost = vi.fn();
    recorder.onlost = lost;
    microphone.track.onended?.();
    expect(lost).toHaveBeenCalledOnce();
  });
});

describe("who cannot record is told why", () => {
  test.each([
    ["NotFoundError", "record_no_device"],
    ["NotReadableError", "record_busy"],
    ["NotAllowedError", "record_dismissed"],
    ["TypeError", "record_failed"],
  ])("%s", async (name, trouble) => {
    asked = async () => Promise.reject(new DOMException("no", name));
    await expect(Recorder.start()).rejects.toThrow(trouble);
  });

  test("where the browser or its user has refused for good, and on a page that is not safe", async () => {
    asked = async () => Promise.reject(new DOMException("no", "NotAllowedError"));
    vi.stubGlobal("navigator", { mediaDevices: { getUserMedia: () => asked() }, permissions: { query: async () => ({ state: "denied" }) } });
    await expect(Recorder.start()).rejects.toThrow("record_refused");
    vi.stubGlobal("navigator", {});
    await expect(Recorder.start()).rejects.toThrow("record_insecure");
  });

  test("where the sound cannot be had after all, and the microphone is let go of", async () => {
    vi.stubGlobal("AudioWorkletNode", undefined);
    await expect(Recorder.start()).rejects.toThrow("record_failed");
    expect([microphone.track.stop.mock.calls.length, Microphone.closed]).toEqual([1, 1]);
  });
});
