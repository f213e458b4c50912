import { webcrypto } from "node:crypto";
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { learn } from "../lib/i18n";
import { Recorder } from "../lib/recorder";
import Recording from "./recording.svelte";

const FIELD = { name: "speech", type: "recording", title: { en: "Speech" }, settings: { shortest: 1, longest: 60 } };

let shown: ReturnType<typeof mount>;
let told: unknown[];
/** By their order, the files that are being unpacked: call one with how long it plays. */
let unpacking: ((seconds: number) => void)[];

beforeAll(() => learn("en"));
beforeEach(() => {
  told = [];
  unpacking = [];
  vi.stubGlobal("crypto", webcrypto);
  vi.stubGlobal(
    "OfflineAudioContext",
    class {
      decodeAudioData = () => new Promise((resolve) => unpacking.push((duration) => resolve({ duration })));
    },
  );
  shown = mount(Recording, { target: document.body, props: { field: FIELD, value: undefined, mode: "answer", language: "en", labelledby: "title", onchange: (value: unknown) => told.push(value) } });
  flushSync();
});
afterEach(() => {
  void unmount(shown);
  document.body.innerHTML = "";
  vi.unstubAllGlobals();
});

const words = () => document.querySelector("[aria-live]")!.textContent!.trim();
const button = () => document.querySelector<HTMLButtonElement>("button")!;

/** Choose a sound; it plays for as long as its unpacking will tell. */
async function choose(name: string): Promise<void> {
  const input = document.querySelector<HTMLInputElement>("input[type=file]")!;
  const content = new TextEncoder().encode(`RIFF0000WAVE${name}`);
  const file = Object.assign(new File([content], name), { arrayBuffer: async () => content.buffer });
  Object.defineProperty(input, "files", { value: [file], configurable: true });
  const waiting = unpacking.length;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  await vi.waitFor(() => expect(unpacking.length).toBe(waiting + 1));
  flushSync();
}

describe("a recording", () => {
  it("is the file that was chosen last, whichever was read first", async () => {
    await choose("long");
    expect(words()).toBe("Reading the file…");
    await choose("short");
    unpacking[1]!(2);
    await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ seconds: 2 }));
    unpacking[0]!(50);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told.at(-1)).toMatchObject({ seconds: 2 });
  });

  /** Begin a recording whose microphone is a pretended one. */
  async function begin() {
    const made = { file: new Blob(["RIFF0000WAVE"]), seconds: 3, peak: 0.5, clipped: 0, capture: {} };
    const recorder = { onlevel: (_peak: number, _seconds: number) => undefined as void, abandon: vi.fn(), stop: vi.fn(async () => made) };
    made.file.arrayBuffer = async () => new TextEncoder().encode("RIFF0000WAVE").buffer as ArrayBuffer;
    vi.spyOn(Recorder, "start").mockResolvedValue(recorder as unknown as Recorder);
    button().click();
    return recorder;
  }

  it("ends when its item is left, and what was recorded is the answer", async () => {
    const recorder = await begin();
    await vi.waitFor(() => expect(told).toEqual([undefined]));
    recorder.onlevel(0.5, 3);
    (shown as { halt(): void }).halt();
    await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ seconds: 3 }));
    expect(recorder.stop).toHaveBeenCalledOnce();
  });

  it("ends when its page is left, and what was recorded is the answer", async () => {
    const recorder = await begin();
    await vi.waitFor(() => expect(told).toEqual([undefined]));
    recorder.onlevel(0.5, 3);
    flushSync();
    await unmount(shown);
    await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ seconds: 3 }));
    expect([recorder.stop.mock.calls.length, recorder.abandon.mock.calls.length]).toEqual([1, 0]);
  });

  it("is not begun if its item is left before the microphone was allowed", async () => {
    const recorder = await begin();
    (shown as { halt(): void }).halt();
    await vi.waitFor(() => expect(recorder.abandon).toHaveBeenCalledOnce());
    flushSync();
    expect([told, button().disabled]).toEqual([[], false]);
  });

  it("says that the microphone is gone if it goes before the first sound, and can be begun again", async () => {
    const recorder = { onlost: () => undefined as void, abandon: vi.fn() };
    vi.spyOn(Recorder, "start").mockResolvedValue(recorder as unknown as Recorder);
    button().click();
    await vi.waitFor(() => expect(told).toEqual([undefined]));
    expect(button().disabled).toBe(true);
    recorder.onlost();
    flushSync();
    expect([button().disabled, recorder.abandon.mock.calls.length]).toEqual([false, 1]);
    expect(words()).toContain("No microphone was found");
  });
});
