/** The tracks of one film, and every way to change them: by gestures, by keys, by fields. */

import { isForThis, type By, type Hand } from "../hand.svelte";
import { ghostAt, joined, nextKey, split, spotAt, withGone, withoutKey, withPlace, type Form, type Spot, type Track } from "./track";

export interface FilmSize {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

export interface Followed extends FilmSize {
  readonly tracks: readonly Track[];
}

/** Why something could not be done: a message of tracks. */
export type Trouble = "track_not_here" | "track_at_once" | "track_whole" | "track_choose" | "track_no_size";

interface Step {
  readonly tracks: readonly Track[];
  readonly chosen: number;
  readonly nothing: boolean;
}

/** Nothing smaller is drawn, in pixels of the film. */
const LEAST = 3;
const MOST_STEPS = 200;

export class Editor {
  readonly form: Form;
  readonly size: FilmSize;
  tracks = $state.raw<readonly Track[]>([]);
  /** The number of the track that is worked on; 0: none. */
  chosen = $state(0);
  /** Whether it was chosen on purpose, and not by drawing or moving it. */
  #picked = false;
  /** Whether the next drag draws a new object, whatever lies there. */
  beginning = $state(false);
  readonly hand: Hand;
  frame = $state(0);
  nothing = $state(false);
  trouble = $state<Trouble | null>(null);
  /** The track that is waiting for another one to be joined with. */
  joining = $state(0);
  /** What a gesture makes of the chosen track's place, or the box that is being drawn. */
  drawn = $state.raw<readonly number[] | null>(null);
  readonly canUndo = $derived.by(() => this.#past.length > 0);
  readonly canRedo = $derived.by(() => this.#future.length > 0);
  #past = $state.raw<readonly Step[]>([]);
  #future = $state.raw<readonly Step[]>([]);
  readonly #tell: (value: Followed | undefined, draft: Followed | undefined) => void;

  constructor(form: Form, size: FilmSize, tracks: readonly Track[], nothing: boolean, hand: Hand, tell: (value: Followed | undefined, draft: Followed | undefined) => void) {
    this.form = form;
    this.size = size;
    this.tracks = tracks;
    this.nothing = nothing;
    this.hand = hand;
    this.#tell = tell;
  }

  get label(): string | undefined {
    return this.hand.label;
  }

  set label(label: string | undefined) {
    this.hand.label = label;
  }

  get track(): Track | undefined {
    return this.tracks.find((one) => one.id === this.chosen);
  }

  /** Where the chosen track is on this frame; null: it is not there. */
  get spot(): Spot | null {
    return this.track ? spotAt(this.track.keys, this.frame, this.form) : null;
  }

  /** The place at which the chosen track is worked on: its own, or where it was last. */
  get place(): readonly number[] {
    return this.drawn ?? this.spot?.numbers ?? (this.track ? ghostAt(this.track.keys, this.frame, this.form) : []);
  }

  go(frame: number): void {
    this.frame = Math.min(this.size.frames - 1, Math.max(0, Math.round(frame)));
    this.trouble = null;
  }

  choose(id: number): void {
    if (this.joining && id && id !== this.joining) return this.#join(id);
    this.chosen = id;
    this.#picked = id > 0;
    this.beginning = false;
    this.joining = 0;
    this.trouble = null;
    const label = this.track?.label;
    if (label !== undefined) this.label = label;
  }

  /** Choose from a list, or let go of what was chosen on purpose. */
  pick(id: number): void {
    this.choose(this.#picked && id === this.chosen ? 0 : id);
  }

  /** The next track in a circle. */
  next(way: 1 | -1): void {
    const at = this.tracks.findIndex((one) => one.id === this.chosen);
    const count = this.tracks.length;
    if (count > 0) this.choose(this.tracks[(at < 0 ? (way > 0 ? 0 : count - 1) : at + way + count) % count]!.id);
  }

  /** A label for what is chosen or for the next one, which lets go of what was just drawn. */
  setLabel(label: string, by: By): void {
    if (isForThis(this.#picked, by)) return this.relabel(label);
    if (this.track) this.choose(0);
    this.label = label;
  }

  /** Another label for the chosen track, whoever chose it. */
  relabel(label: string): void {
    this.label = label;
    if (this.track && this.track.label !== label) this.#replace({ ...this.track, label });
  }

  /** Have the next drag begin a track, or not after all. */
  askBegin(): void {
    const asked = !this.beginning;
    this.choose(0);
    this.beginning = asked;
  }

  /** Begin a track on this frame. */
  begin(numbers: readonly number[]): void {
    const place = this.form === "box" ? this.#boxed(numbers) : numbers.map((one, axis) => this.#within(one, axis));
    this.drawn = null;
    if (!place) return void (this.trouble = "track_no_size");
    const id = 1 + Math.max(0, ...this.tracks.map((one) => one.id));
    const track = withPlace({ id, ...(this.label === undefined ? {} : { label: this.label }), keys: [] }, this.frame, place, this.form);
    this.#change([...this.tracks, track], id);
  }

  /** Have the chosen track there on this frame: a key frame. */
  put(numbers: readonly number[]): void {
    this.drawn = null;
    const place = this.form === "box" ? this.#boxed(numbers) : numbers.map((one, axis) => this.#within(one, axis));
    if (!this.track) return;
    if (!place) return void (this.trouble = "track_no_size");
    this.#replace(withPlace(this.track, this.frame, place, this.form));
    this.#picked = false;
  }

  /** A key frame where there is none; where there is one, none. */
  toggleKey(): void {
    const { track, frame } = this;
    if (!track) return void (this.trouble = "track_choose");
    if (!track.keys.some((key) => key.frame === frame)) return this.put(this.place);
    const without = withoutKey(track, frame);
    if (without) this.#replace(without);
    else this.trouble = "track_whole";
  }

  /** The chosen track is not there from this frame on, to its next key frame. */
  leave(): void {
    if (!this.track) return void (this.trouble = "track_choose");
    const gone = withGone(this.track, this.frame, this.form);
    if (gone) this.#replace(gone);
    else this.trouble = "track_not_here";
  }

  /** From this frame on the place is guessed, or is seen again. */
  hide(): void {
    const { track, spot, frame, form } = this;
    if (!track) return void (this.trouble = "track_choose");
    if (!spot) return void (this.trouble = "track_not_here");
    this.#replace(withPlace(track, frame, spot.numbers, form, !spot.hidden));
  }

  /** From this frame on it is another object. */
  split(): void {
    const { track, frame, form } = this;
    if (!track) return void (this.trouble = "track_choose");
    const id = 1 + Math.max(...this.tracks.map((one) => one.id));
    const parts = split(track, frame, form, id);
    if (!parts) return void (this.trouble = "track_not_here");
    this.#change(this.tracks.flatMap((one) => (one === track ? parts : one)), id);
    this.choose(id);
  }

  /** The track that is chosen next is the same object. */
  askJoin(): void {
    this.trouble = this.track ? null : "track_choose";
    if (this.track) this.joining = this.joining ? 0 : this.chosen;
  }

  remove(): void {
    if (this.track) this.#change(this.tracks.filter((one) => one.id !== this.chosen), 0);
  }

  /** To the chosen track's next key frame. */
  goToKey(way: 1 | -1): void {
    const frame = this.track && nextKey(this.track, this.frame, way);
    if (frame !== null && frame !== undefined) this.go(frame);
  }

  sayNothing(nothing: boolean): void {
    if (this.tracks.length > 0) return;
    this.#keep();
    this.#show([], 0, nothing);
  }

  cancel(): void {
    this.drawn = null;
    this.joining = 0;
    this.beginning = false;
    this.trouble = null;
  }

  undo(): void {
    this.cancel();
    [this.#past, this.#future] = this.#back(this.#past, this.#future);
  }

  redo(): void {
    this.cancel();
    [this.#future, this.#past] = this.#back(this.#future, this.#past);
  }

  #join(id: number): void {
    const [one, other] = [this.tracks.find((track) => track.id === this.joining), this.tracks.find((track) => track.id === id)];
    this.joining = 0;
    const whole = one && other && joined(one, other);
    if (!whole) return void (this.trouble = "track_at_once");
    this.#change(this.tracks.filter((track) => track !== other).map((track) => (track === one ? whole : track)), whole.id);
  }

  /** A box in the picture with its left upper corner first; null if it has no size. */
  #boxed([a, b, c, d]: readonly number[]): number[] | null {
    const [left, right] = [Math.min(a!, c!), Math.max(a!, c!)].map((one) => this.#within(one, 0)) as [number, number];
    const [top, bottom] = [Math.min(b!, d!), Math.max(b!, d!)].map((one) => this.#within(one, 1)) as [number, number];
    return right - left >= LEAST && bottom - top >= LEAST ? [left, top, right, bottom] : null;
  }

  #within(number: number, axis: number): number {
    return Math.min(axis % 2 ? this.size.height : this.size.width, Math.max(0, number));
  }

  #back(from: readonly Step[], to: readonly Step[]): [readonly Step[], readonly Step[]] {
    const step = from.at(-1);
    if (!step) return [from, to];
    const now = this.#now();
    this.#show(step.tracks, step.chosen, step.nothing);
    return [from.slice(0, -1), [...to, now]];
  }

  #now(): Step {
    return { tracks: this.tracks, chosen: this.chosen, nothing: this.nothing };
  }

  #replace(track: Track): void {
    this.#change(this.tracks.map((one) => (one.id === track.id ? track : one)), track.id);
  }

  #change(tracks: readonly Track[], chosen: number): void {
    this.#keep();
    this.#show(tracks, chosen, false);
  }

  #keep(): void {
    this.#past = [...this.#past.slice(1 - MOST_STEPS), this.#now()];
    this.#future = [];
  }

  #show(tracks: readonly Track[], chosen: number, nothing: boolean): void {
    this.tracks = tracks;
    this.#picked &&= chosen === this.chosen;
    this.chosen = chosen;
    this.beginning = false;
    this.nothing = nothing;
    this.trouble = null;
    const whole = nothing || tracks.length > 0;
    this.#tell(whole ? { ...this.size, tracks } : undefined, undefined);
  }
}
