/** What is painted of a sound: for each half of a millisecond how far it goes up and down. */

/** Samples a second are enough for the picture, and these many of them make a peak. */
const RATE = 16_000;
const BUCKET = 8;
const LOUDEST = 127;
/** A sound is unpacked whole to be painted, which takes twenty times the bytes of its file for a while: a phone has room for four minutes. */
const LONGEST = { large: 600, small: 240 };
const LARGEST = 120 << 20;

export interface Peaks {
  readonly seconds: number;
  readonly low: Int8Array;
  readonly high: Int8Array;
}

/** Why there is no picture: a widgets' message. */
export type Unpainted = "wave_long" | "wave_elsewhere" | "wave_unreadable";

/** The peaks of the sound at an address that plays so many seconds; else why they cannot be had. */
export async function peaksOf(address: string, seconds: number, signal: AbortSignal): Promise<Peaks | Unpainted> {
  if (new URL(address, location.href).origin !== location.origin && !address.startsWith("blob:")) return "wave_elsewhere";
  if (seconds > (isSmall() ? LONGEST.small : LONGEST.large)) return "wave_long";
  try {
    const reply = await fetch(address, { signal });
    const size = Number(reply.headers.get("content-length") ?? 0);
    if (!reply.ok) return "wave_unreadable";
    if (size > LARGEST) {
      await reply.body?.cancel();
      return "wave_long";
    }
    return reduced(await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await reply.arrayBuffer()));
  } catch {
    return "wave_unreadable";
  }
}

/** The peaks of all channels together. */
function reduced(sound: AudioBuffer): Peaks {
  const channels = Array.from({ length: sound.numberOfChannels }, (_, channel) => sound.getChannelData(channel));
  const count = Math.ceil(sound.length / BUCKET);
  const [low, high] = [new Int8Array(count), new Int8Array(count)];
  for (let bucket = 0; bucket < count; bucket += 1) {
    const end = Math.min(sound.length, (bucket + 1) * BUCKET);
    let [least, most] = [0, 0];
    for (const samples of channels)
      for (let place = bucket * BUCKET; place < end; place += 1) {
        const sample = samples[place]!;
        if (sample < least) least = sample;
        else if (sample > most) most = sample;
      }
    low[bucket] = Math.max(-LOUDEST, Math.round(least * LOUDEST));
    high[bucket] = Math.min(LOUDEST, Math.round(most * LOUDEST));
  }
  return { seconds: sound.duration, low, high };
}

/** The lowest and highest of the peaks between two times, -1..1. */
export function extent({ low, high }: Peaks, start: number, end: number): readonly [number, number] {
  const each = BUCKET / RATE;
  const last = Math.min(low.length, Math.max(Math.floor(start / each) + 1, Math.ceil(end / each)));
  let [least, most] = [0, 0];
  for (let place = Math.max(0, Math.floor(start / each)); place < last; place += 1) {
    if (low[place]! < least) least = low[place]!;
    if (high[place]! > most) most = high[place]!;
  }
  return [least / LOUDEST, most / LOUDEST];
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
