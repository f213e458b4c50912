/** What is painted of a sound: for each half of a millisecond how far it goes up and down. */

import { wav } from "../wav";

/** So many peaks a second; samples a second are enough for the picture, and these for the ear. */
const PEAKS = 2000;
const RATE = { seen: 16_000, heard: 44_100 };
const LOUDEST = 127;
/** A sound is unpacked whole to be painted, which takes twenty times the bytes of its file for a while: a phone has room for four minutes. */
const LONGEST = { large: 600, small: 240 };
const LARGEST = 120 << 20;

export interface Peaks {
  readonly low: Int8Array;
  readonly high: Int8Array;
}

/** Why there is no picture: a widgets' message. */
export type Unpainted = "wave_long" | "wave_elsewhere" | "wave_unreadable";

/** A sound that was unpacked. */
export interface Unpacked {
  readonly peaks: Peaks;
  /**
   * What is played in its stead. Browsers guess where they are in an MP3 file, by seconds where its rate changes, and how long
   * it is; unpacked, each sample has its place.
   */
  readonly exact: Blob | null;
}

/** The sound at an address that is said to play so many seconds; else why it cannot be unpacked. */
export async function unpacked(address: string, seconds: number, signal: AbortSignal): Promise<Unpacked | Unpainted> {
  if (new URL(address, location.href).origin !== location.origin && !address.startsWith("blob:")) return "wave_elsewhere";
  if (seconds > (isSmall() ? LONGEST.small : LONGEST.large)) return "wave_long";
  try {
    const reply = await fetch(address, { signal });
    if (!reply.ok) return "wave_unreadable";
    if (Number(reply.headers.get("content-length") ?? 0) > LARGEST) {
      await reply.body?.cancel();
      return "wave_long";
    }
    const guessed = reply.headers.get("content-type") === "audio/mpeg";
    const rate = guessed ? RATE.heard : RATE.seen;
    const sound = await new OfflineAudioContext(1, 1, rate).decodeAudioData(await reply.arrayBuffer());
    const channels = Array.from({ length: sound.numberOfChannels }, (_, channel) => sound.getChannelData(channel));
    return { peaks: reduced(channels, rate), exact: guessed ? wav(channels, rate) : null };
  } catch {
    return "wave_unreadable";
  }
}

/** The peaks of all channels together. */
export function reduced(channels: readonly Float32Array[], rate: number): Peaks {
  const length = channels[0]!.length;
  const count = Math.ceil((length * PEAKS) / rate);
  const [low, high] = [new Int8Array(count), new Int8Array(count)];
  for (let peak = 0; peak < count; peak += 1) {
    const end = Math.min(length, Math.ceil(((peak + 1) * rate) / PEAKS));
    let [least, most] = [0, 0];
    for (const samples of channels)
      for (let place = Math.floor((peak * rate) / PEAKS); place < end; place += 1) {
        const sample = samples[place]!;
        if (sample < least) least = sample;
        else if (sample > most) most = sample;
      }
    low[peak] = Math.max(-LOUDEST, Math.round(least * LOUDEST));
    high[peak] = Math.min(LOUDEST, Math.round(most * LOUDEST));
  }
  return { low, high };
}

/** The lowest and highest of the peaks between two times, -1..1. */
export function extent({ low, high }: Peaks, start: number, end: number): readonly [number, number] {
  const last = Math.min(low.length, Math.max(Math.floor(start * PEAKS) + 1, Math.ceil(end * PEAKS)));
  let [least, most] = [0, 0];
  for (let place = Math.max(0, Math.floor(start * PEAKS)); place < last; place += 1) {
    if (low[place]! < least) least = low[place]!;
    if (high[place]! > most) most = high[place]!;
  }
  return [least / LOUDEST, most / LOUDEST];
}

/** The quietest moment so near a time, where a cut is heard least; of moments as quiet the nearest. */
export function quietest({ low, high }: Peaks, at: number, reach: number): number {
  const loud = (place: number): number => Math.max(high[place] ?? 0, -(low[place] ?? 0));
  const there = Math.floor(at * PEAKS);
  let [best, least] = [there, loud(there)];
  for (let step = 1; step <= reach * PEAKS; step += 1)
    for (const place of [there - step, there + step])
      if (place >= 0 && place < low.length && loud(place) < least) [best, least] = [place, loud(place)];
  return best === there ? at : (best + 0.5) / PEAKS;
}

/** The loudest of all, so that soft speech is seen, too. */
export function loudest({ low, high }: Peaks): number {
  let most = 1;
  for (let place = 0; place < low.length; place += 1) most = Math.max(most, high[place]!, -low[place]!);
  return most / LOUDEST;
}

/** Whether the device has little memory, or is a phone, which does not say. */
function isSmall(): boolean {
  const { deviceMemory } = navigator as Navigator & { deviceMemory?: number };
  return (deviceMemory !== undefined && deviceMemory < 4) || matchMedia("(pointer: coarse)").matches;
}
