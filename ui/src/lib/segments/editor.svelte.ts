/** The segments of one sound, and every way to change them: by gestures, by keys, by fields. */

import { isForThis, type By, type Hand } from "../hand.svelte";
import { between, isFree, isThere, LEAST, moved, ordered, roomAt, rounded, withEdge, type Edge, type Piece, type Segment } from "./segment";

export interface Rules {
  readonly overlapping: boolean;
  /** Whether each segment has words. */
  readonly spoken: boolean;
}

/** Why something could not be done: a widgets' message. */
export type Trouble = "segment_overlaps" | "segment_there" | "segment_start_first" | "segment_too_short";

interface Step {
  readonly segments: readonly Segment[];
  readonly chosen: number;
  readonly nothing: boolean;
}

export class Editor {
  readonly rules: Rules;
  /** Of the sound, in seconds; unknown at first. */
  length = $state(Infinity);
  segments = $state.raw<readonly Segment[]>([]);
  /** The segment that is worked on, -1: none. */
  chosen = $state(-1);
  /** Whether it was chosen on purpose, and not by making it. */
  #picked = false;
  /** Says what the next segment will be called. */
  readonly hand: Hand;
  /** It was said that there is nothing. */
  nothing = $state(false);
  /** Where a segment was begun that has no end yet. */
  begun = $state<number | null>(null);
  /** What the gesture in hand would make. */
  drawn = $state.raw<Piece | null>(null);
  trouble = $state<Trouble | null>(null);

  #past = $state.raw<readonly Step[]>([]);
  #future = $state.raw<readonly Step[]>([]);
  /** The segment whose words are being written: they are one step. */
  #writing: Segment | null = null;
  #tell: (value: readonly Segment[] | undefined, draft: readonly Segment[] | undefined) => void;

  constructor(rules: Rules, segments: readonly Segment[], nothing: boolean, hand: Hand, tell: (value: readonly Segment[] | undefined, draft: readonly Segment[] | undefined) => void) {
    this.rules = rules;
    this.segments = ordered(segments);
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

  get segment(): Segment | undefined {
    return this.segments[this.chosen];
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** How many segments still need their words. */
  get wordless(): number {
    return this.rules.spoken ? this.segments.filter((one) => one.text === undefined).length : 0;
  }

  choose(index: number): void {
    this.chosen = this.segments[index] ? index : -1;
    this.#picked = this.chosen >= 0;
    this.trouble = null;
    this.#writing = null;
    if (this.segment) this.begun = null;
    if (this.segment?.label !== undefined) this.label = this.segment.label;
  }

  /** The next segment in time, or the one before; tells whether there is one. */
  step(by: 1 | -1, at: number): boolean {
    if (this.segments.length === 0) return false;
    const near = by > 0 ? this.segments.findIndex((one) => one.end > at) : this.segments.findLastIndex((one) => one.start < at);
    this.choose(this.chosen >= 0 ? Math.max(0, Math.min(this.segments.length - 1, this.chosen + by)) : near);
    return true;
  }

  /** A label for what is chosen or for the next one, which lets go of what was just made. */
  setLabel(label: string, by: By): void {
    if (isForThis(this.#picked, by)) return this.relabel(label);
    this.choose(-1);
    this.label = label;
  }

  /** Another label for the chosen segment, whoever chose it. */
  relabel(label: string): void {
    this.label = label;
    const { segment } = this;
    if (!segment || segment.label === label) return;
    this.#replace(segment, { ...segment, label });
  }

  /** How far a piece may go that is begun at a time, or that the chosen segment becomes. */
  room(at: number, except?: Segment): Piece {
    return roomAt(this.#others(except), at, this.length, this.rules.overlapping);
  }

  /** What dragging from one time to another would make. */
  draw(from: number, to: number): void {
    this.drawn = between(from, to, this.room(from));
  }

  /** Keep what was drawn; tells whether there is something. */
  keep(): boolean {
    const { drawn } = this;
    this.drawn = null;
    return drawn !== null && this.make(drawn);
  }

  make(piece: Piece): boolean {
    const made: Segment = { ...piece, ...(this.label === undefined ? {} : { label: this.label }) };
    if (isThere(this.segments, made)) return this.#refuse("segment_there");
    this.#change([...this.segments, made], made);
    this.#picked = false;
    return true;
  }

  /** An edge of the chosen segment is here; without one, a segment begins here, or the one that was begun ends; tells whether one was made. */
  mark(edge: Edge, at: number): boolean {
    const { segment } = this;
    if (segment) return this.setEdge(edge, at);
    this.trouble = null;
    if (edge === "start") return this.#begin(at);
    const piece = this.begun === null ? null : between(this.begun, at, this.room(this.begun));
    if (piece) return this.make(piece);
    return this.#refuse(this.begun === null ? "segment_start_first" : "segment_too_short");
  }

  #begin(at: number): false {
    if (!this.rules.overlapping && !isFree(this.segments, at)) return this.#refuse("segment_overlaps");
    this.begun = rounded(at);
    return false;
  }

  /** Put an edge of the chosen segment at a time, as a field or a key says it; never makes one. */
  setEdge(edge: Edge, to: number): false {
    const { segment } = this;
    if (!segment || !Number.isFinite(to)) return false;
    const changed = withEdge(segment, edge, to, this.#roomOf(segment));
    if (Math.abs(changed[edge] - to) >= LEAST) this.trouble = !this.rules.overlapping && changed[edge] !== 0 && changed[edge] !== this.length ? "segment_overlaps" : null;
    else this.trouble = null;
    const { trouble } = this;
    if (this.#replace(segment, { ...segment, ...changed })) this.trouble = trouble;
    return false;
  }

  shift(by: number): void {
    const { segment } = this;
    if (segment) this.#replace(segment, { ...segment, ...moved(segment, by, this.#roomOf(segment)) });
  }

  /** What dragging an edge, or the whole of the chosen segment, would make of it. */
  pull(edge: Edge | "both", from: number, to: number): void {
    const { segment } = this;
    if (!segment) return;
    const room = this.#roomOf(segment);
    this.drawn = edge === "both" ? moved(segment, to - from, room) : withEdge(segment, edge, to, room);
  }

  /** Keep what the chosen segment was pulled to. */
  settle(): void {
    const { segment, drawn } = this;
    this.drawn = null;
    if (segment && drawn) this.#replace(segment, { ...segment, ...drawn });
  }

  /** Give up the gesture, or the segment that was begun. */
  cancel(): void {
    this.drawn = null;
    this.begun = null;
    this.trouble = null;
  }

  write(text: string | undefined): void {
    const { segment } = this;
    if (!segment) return;
    const { text: _, ...bare } = segment;
    const written: Segment = text === undefined ? bare : { ...bare, text };
    if (this.#writing === segment) this.#show(this.segments.with(this.chosen, written), written, false);
    else this.#change(this.segments.with(this.chosen, written), written);
    this.#writing = written;
  }

  remove(): void {
    const { chosen } = this;
    if (chosen >= 0) this.#change(this.segments.toSpliced(chosen, 1), null);
  }

  sayNothing(nothing: boolean): void {
    if (this.segments.length > 0) return;
    this.#past = [...this.#past, this.#now()];
    this.#future = [];
    this.#show([], null, nothing);
  }

  undo(): void {
    this.cancel();
    [this.#past, this.#future] = this.#back(this.#past, this.#future);
  }

  redo(): void {
    this.cancel();
    [this.#future, this.#past] = this.#back(this.#future, this.#past);
  }

  #back(from: readonly Step[], to: readonly Step[]): [readonly Step[], readonly Step[]] {
    const step = from.at(-1);
    if (!step) return [from, to];
    const now = this.#now();
    this.#show(step.segments, step.segments[step.chosen] ?? null, step.nothing);
    return [from.slice(0, -1), [...to, now]];
  }

  #now(): Step {
    return { segments: this.segments, chosen: this.chosen, nothing: this.nothing };
  }

  #others(except?: Segment): readonly Segment[] {
    return this.segments.filter((one) => one !== except);
  }

  /** A segment has room from where it is: its neighbours are those around its middle. */
  #roomOf(segment: Segment): Piece {
    return this.room((segment.start + segment.end) / 2, segment);
  }

  #refuse(trouble: Trouble): false {
    this.trouble = trouble;
    return false;
  }

  /** Have a changed segment in place of another; tells whether it may be so. */
  #replace(segment: Segment, changed: Segment): boolean {
    if (isThere([segment], changed)) return true;
    const others = this.#others(segment);
    if (isThere(others, changed)) return this.#refuse("segment_there");
    this.#change([...others, changed], changed);
    return true;
  }

  #change(segments: readonly Segment[], chosen: Segment | null): void {
    this.#past = [...this.#past, this.#now()];
    this.#future = [];
    this.#show(segments, chosen, false);
  }

  #show(segments: readonly Segment[], chosen: Segment | null, nothing: boolean): void {
    this.segments = ordered(segments);
    const picked = this.#picked;
    this.choose(chosen ? this.segments.indexOf(chosen) : -1);
    this.#picked &&= picked;
    this.nothing = nothing;
    const whole = nothing || (segments.length > 0 && this.wordless === 0);
    const draft = segments.length > 0 ? this.segments : undefined;
    this.#tell(whole ? this.segments : undefined, whole ? undefined : draft);
  }
}
