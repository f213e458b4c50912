/** A recording made here: sound as it comes from the microphone, without what browsers do to it for calls. */

import { wav } from "./wav";
import worklet from "./recorder.worklet.js?url&no-inline";

/** Why nothing can be recorded: a widgets' message. */
export type Trouble = "record_insecure" | "record_refused" | "record_dismissed" | "record_no_device" | "record_busy" | "record_failed";

export interface Take {
  file: Blob;
  seconds: number;
  /** The loudest sample, 0..1, and the share of samples at the limit. */
  peak: number;
  clipped: number;
  capture: Record<string, string | number | boolean>;
}

const WANTED: MediaTrackConstraints = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 };
const LIMIT = 0.99;
/** How long, in milliseconds, to go on after the end was asked for: the last sound is still on its way. */
const TAIL = 300;

export class Recorder {
  #stream: MediaStream;
  #context: AudioContext;
  #blocks: Float32Array[] = [];
  #length = 0;

  /** Called with the loudest sample of each block. */
  onlevel: (peak: number, seconds: number) => void = () => undefined;
  /** Called when the microphone is gone. */
  onlost: () => void = () => undefined;

  private constructor(stream: MediaStream, context: AudioContext) {
    this.#stream = stream;
    this.#context = context;
  }

  /** Ask for the microphone and begin; raises a `Trouble` as an error's message. */
  static async start(): Promise<Recorder> {
    if (!navigator.mediaDevices?.getUserMedia || !("audioWorklet" in AudioContext.prototype)) throw new Error("record_insecure");
    const stream = await navigator.mediaDevices.getUserMedia({ audio: WANTED }).catch(async (error: unknown) => {
      throw new Error(await troubleOf(error));
    });
    const context = new AudioContext();
    const recorder = new Recorder(stream, context);
    try {
      await context.audioWorklet.addModule(worklet);
      await context.resume();
      recorder.#listen();
    } catch {
      recorder.#close();
      throw new Error("record_failed");
    }
    return recorder;
  }

  #listen(): void {
    const source = this.#context.createMediaStreamSource(this.#stream);
    const node = new AudioWorkletNode(this.#context, "recorder", { numberOfOutputs: 0 });
    node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
      this.#blocks.push(data);
      this.#length += data.length;
      this.onlevel(loudest(data), this.#length / this.#context.sampleRate);
    };
    source.connect(node);
    for (const track of this.#stream.getTracks()) track.onended = () => this.onlost();
  }

  /** End the recording, let go of the microphone, and give what was recorded. */
  async stop(): Promise<Take> {
    await new Promise((resolve) => setTimeout(resolve, TAIL));
    const rate = this.#context.sampleRate;
    const capture = await this.#capture(rate);
    this.#close();
    const samples = joined(this.#blocks, this.#length);
    const clipped = samples.reduce((count, sample) => count + (Math.abs(sample) >= LIMIT ? 1 : 0), 0);
    return { file: wav([samples], rate), seconds: samples.length / rate, peak: loudest(samples), clipped: clipped / Math.max(1, samples.length), capture };
  }

  /** Let go of the microphone and forget what was recorded. */
  abandon(): void {
    this.#close();
    this.#blocks = [];
  }

  /** How it was really recorded, whatever was asked for. */
  async #capture(rate: number): Promise<Take["capture"]> {
    const [track] = this.#stream.getAudioTracks();
    const { echoCancellation = false, noiseSuppression = false, autoGainControl = false } = track?.getSettings() ?? {};
    const label = new TextEncoder().encode(track?.label ?? "");
    const digest = crypto.subtle ? new Uint8Array(await crypto.subtle.digest("SHA-256", label)) : new Uint8Array();
    const device = [...digest.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return { rate, echo_cancellation: Boolean(echoCancellation), noise_suppression: noiseSuppression, auto_gain: autoGainControl, device };
  }

  #close(): void {
    for (const track of this.#stream.getTracks()) {
      track.onended = null;
      track.stop();
    }
    if (this.#context.state !== "closed") void this.#context.close();
  }
}

async function troubleOf(error: unknown): Promise<Trouble> {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "record_no_device";
  if (name === "NotReadableError" || name === "AbortError") return "record_busy";
  if (name !== "NotAllowedError" && name !== "SecurityError") return "record_failed";
  const state = await navigator.permissions?.query({ name: "microphone" as PermissionName }).then(
    (found) => found.state,
    () => "denied",
  );
  return state === "prompt" ? "record_dismissed" : "record_refused";
}

function loudest(samples: Float32Array): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak;
}

function joined(blocks: readonly Float32Array[], length: number): Float32Array {
  const whole = new Float32Array(length);
  let at = 0;
  for (const block of blocks) {
    whole.set(block, at);
    at += block.length;
  }
  return whole;
}
