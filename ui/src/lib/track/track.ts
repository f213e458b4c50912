/** Tracks by their key frames: what they say of a frame, and every way to change one. `dataforge/geometry/keyframes.py` reads them the same. */

export type Form = "box" | "point" | "time";

export interface Key {
  readonly frame: number;
  readonly box?: readonly number[];
  readonly point?: readonly number[];
  /** From here to the next key frame nothing is seen. */
  readonly gone?: boolean;
  /** From here to the next key frame the place is guessed. */
  readonly hidden?: boolean;
}

export interface Track {
  readonly id: number;
  readonly label?: string;
  /** In their order, the first with a place. */
  readonly keys: readonly Key[];
}

export interface Spot {
  readonly numbers: readonly number[];
  readonly hidden: boolean;
  /** Whether it is a key frame and not the way between two. */
  readonly key: boolean;
}

const HUNDREDTHS = 100;

/** The last key frame at a frame or before it; -1: none. */
function keyBefore(keys: readonly Key[], frame: number): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]!.frame <= frame) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Where a track is on a frame; null: it is not there. */
export function spotAt(keys: readonly Key[], frame: number, form: Form): Spot | null {
  const at = keyBefore(keys, frame);
  const [key, next] = [keys[at], keys[at + 1]];
  if (!key || key.gone || (!next && frame > key.frame)) return null;
  const here = numbersOf(key, form);
  const hidden = key.hidden === true;
  if (frame === key.frame || !next || next.gone) return { numbers: here, hidden, key: frame === key.frame };
  const share = (frame - key.frame) / (next.frame - key.frame);
  const there = numbersOf(next, form);
  return { numbers: here.map((one, index) => one + share * (there[index]! - one)), hidden, key: false };
}

/** The nearest place of a track that is not there on a frame: where somebody who goes on with it begins. */
export function ghostAt(keys: readonly Key[], frame: number, form: Form): readonly number[] {
  const before = keys.slice(0, keyBefore(keys, frame) + 1).findLast((key) => !key.gone);
  return numbersOf(before ?? keys.find((key) => !key.gone)!, form);
}

/** The track with a key frame there: at that place, as hidden as it was. */
export function withPlace(track: Track, frame: number, numbers: readonly number[], form: Form, hidden?: boolean): Track {
  const spot = spotAt(track.keys, frame, form);
  const guessed = hidden ?? spot?.hidden ?? false;
  const place = form === "time" ? {} : { [form]: numbers.map(rounded) };
  return withKey(track, { frame, ...place, ...(guessed ? { hidden: true } : {}) });
}

/** The track that is not there from a frame to the next key frame; null where that would leave nothing of it. */
export function withGone(track: Track, frame: number, form: Form): Track | null {
  if (frame <= track.keys[0]!.frame || frame > lastOf(track)) return null;
  const before = spotAt(track.keys, frame - 1, form);
  const until = before ? withPlace(track, frame - 1, before.numbers, form, before.hidden) : track;
  return tidied(withKey(until, { frame, gone: true }));
}

/** The track without its key frame there; null if it is the only one. */
export function withoutKey(track: Track, frame: number): Track | null {
  return tidied({ ...track, keys: track.keys.filter((key) => key.frame !== frame) });
}

/** Both parts of a track, each with all of its places; null where one would be empty. */
export function split(track: Track, frame: number, form: Form, id: number): [Track, Track] | null {
  const before = spotAt(track.keys, frame - 1, form);
  const here = spotAt(track.keys, frame, form);
  const earlier = { ...track, keys: track.keys.filter((key) => key.frame < frame) };
  const later = { ...track, id, keys: track.keys.filter((key) => key.frame >= frame) };
  const one = tidied(before && earlier.keys.length > 0 ? withPlace(earlier, frame - 1, before.numbers, form, before.hidden) : earlier);
  const other = tidied(here ? withPlace(later, frame, here.numbers, form, here.hidden) : later);
  return one && other ? [one, other] : null;
}

/** One track of two that are not there at the same time; null where they are. What nobody saw between them stays unseen. */
export function joined(one: Track, other: Track): Track | null {
  const [first, second] = one.keys[0]!.frame <= other.keys[0]!.frame ? [one, other] : [other, one];
  const [last, next] = [first.keys.at(-1)!, second.keys[0]!.frame];
  if (last.frame > next || (last.frame === next && !last.gone)) return null;
  const gap: Key[] = last.frame + 1 < next && !last.gone ? [{ frame: last.frame + 1, gone: true }] : [];
  return { ...one, keys: [...(last.frame === next ? untilGone(first.keys) : first.keys), ...gap, ...second.keys] };
}

/** Key frames without the last one, from which on nothing is seen: up to there it stays where it was. */
function untilGone(keys: readonly Key[]): readonly Key[] {
  const [before, { frame }] = [keys.slice(0, -1), keys.at(-1)!];
  const seen = before.at(-1)!;
  return seen.frame === frame - 1 ? before : [...before, { ...seen, frame: frame - 1 }];
}

export function lastOf(track: Track): number {
  return track.keys.at(-1)!.frame;
}

/** The next key frame of a track in a direction; null: there is none. */
export function nextKey(track: Track, frame: number, way: 1 | -1): number | null {
  const frames = track.keys.map((key) => key.frame);
  return (way > 0 ? frames.find((one) => one > frame) : frames.findLast((one) => one < frame)) ?? null;
}

export function numbersOf(key: Key, form: Form): readonly number[] {
  return form === "time" ? [] : (key[form] ?? []);
}

function withKey(track: Track, key: Key): Track {
  const at = keyBefore(track.keys, key.frame);
  const same = track.keys[at]?.frame === key.frame;
  return { ...track, keys: track.keys.toSpliced(same ? at : at + 1, same ? 1 : 0, key) };
}

/** Without key frames that say nothing: gone before it was there, or again, or at its end for no frame; null: nothing is left. */
function tidied(track: Track): Track | null {
  const from = track.keys.findIndex((key) => !key.gone);
  if (from < 0) return null;
  const keys = track.keys.slice(from).filter((key, index, all) => !(key.gone && all[index - 1]?.gone));
  return { ...track, keys };
}

function rounded(number: number): number {
  return Math.round(number * HUNDREDTHS) / HUNDREDTHS;
}

/** The first frame on which most tracks are: what is looked at first. */
export function fullest(tracks: readonly Track[]): number {
  const turns = tracks.flatMap((track) =>
    track.keys.flatMap((key, index) => (key.gone ? [] : [[key.frame, 1], [track.keys[index + 1]?.frame ?? key.frame + 1, -1]])),
  ) as [number, number][];
  turns.sort(([one, up], [other, down]) => one - other || up - down);
  let [there, most, frame] = [0, 0, 0];
  for (const [at, by] of turns) {
    there += by;
    if (there > most) [most, frame] = [there, at];
  }
  return frame;
}
