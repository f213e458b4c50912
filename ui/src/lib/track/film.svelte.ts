/** The frames of a film as pictures, by their numbers: fetched ahead of who goes through them, the last ones kept. */

import type { FilmSize } from "./editor.svelte";

/** So many pictures are kept of the film in hand, as far as they fit into so many bytes: one has four for a pixel. */
const MOST_KEPT = 64;
const MOST_BYTES = 192 << 20;
/** So many of one that is too large for that, and of every other film. */
const FEWEST_KEPT = 5;
/** So many are fetched in the direction in which somebody goes, and against it. */
const AHEAD = 16;
const BEHIND = 4;
const AT_ONCE = 4;
/** After so many seconds without the next frame the film is held up, and what is missing is asked for again. */
const LATE = 0.25;

interface Told {
  readonly width: number;
  readonly height: number;
  readonly times: readonly number[];
}

/** The film that was looked at last. */
let inHand: Film | null = null;

/** How many pictures of a size are kept of the film in hand. */
export function roomFor({ width, height }: { width: number; height: number }): number {
  return Math.max(FEWEST_KEPT, Math.min(MOST_KEPT, Math.floor(MOST_BYTES / (4 * width * height))));
}

export class Film {
  readonly source: string;
  size = $state.raw<FilmSize | null>(null);
  /** The picture that is there to be seen, and its number: never another's. */
  shown = $state.raw<{ readonly frame: number; readonly picture: HTMLImageElement } | null>(null);
  failed = $state(false);
  playing = $state(false);
  times: readonly number[] = [];
  #wanted = 0;
  #way: 1 | -1 = 1;
  #pictures = new Map<number, HTMLImageElement>();
  #loading = new Set<number>();
  #closed = new AbortController();
  #ticking = 0;

  constructor(source: string) {
    this.source = source;
    void this.#open();
  }

  close(): void {
    this.#closed.abort();
    this.pause();
    this.#pictures.clear();
    if (inHand === this) inHand = null;
  }

  retry(): void {
    this.failed = false;
    void (this.size ? this.show(this.#wanted) : this.#open());
  }

  /** Show a frame as soon as it is there. */
  show(frame: number): void {
    this.#take();
    this.#way = frame < this.#wanted ? -1 : 1;
    this.#wanted = frame;
    const there = this.#pictures.get(frame);
    if (there) this.#see(frame, there);
    this.#fetch();
  }

  /** Play from a frame on at the film's own pace; `ongo` is told each frame. */
  play(from: number, ongo: (frame: number) => void, speed = 1): void {
    this.pause();
    this.playing = true;
    let [began, start, frame] = [performance.now(), this.times[from] ?? 0, from];
    const tick = (): void => {
      const due = start + ((performance.now() - began) / 1000) * speed;
      let next = frame;
      while (next + 1 < this.times.length && this.times[next + 1]! <= due) next += 1;
      // What is not there yet holds the film up: no frame is named that is not seen.
      while (next > frame && !this.#pictures.has(next)) next -= 1;
      if (next !== frame) ongo((frame = next));
      else if (due - (this.times[frame + 1] ?? Infinity) > LATE) {
        [began, start] = [performance.now(), this.times[frame + 1]!];
        this.#fetch();
      }
      if (frame === this.times.length - 1) return this.pause();
      this.#ticking = requestAnimationFrame(tick);
    };
    this.#ticking = requestAnimationFrame(tick);
  }

  pause(): void {
    cancelAnimationFrame(this.#ticking);
    this.playing = false;
  }

  /** Have this film in hand: another one that was lets go of most that it has kept. */
  #take(): void {
    const before = inHand;
    inHand = this;
    if (before && before !== this) before.#forget();
  }

  get #room(): number {
    return this.size && inHand === this ? roomFor(this.size) : FEWEST_KEPT;
  }

  /** How many are fetched ahead of the one that is wanted, and behind it: they all have room. */
  get #reach(): { ahead: number; behind: number } {
    const behind = Math.min(BEHIND, Math.ceil((this.#room - 1) / 4));
    return { ahead: Math.min(AHEAD, this.#room - 1 - behind), behind };
  }

  async #open(): Promise<void> {
    try {
      const reply = await fetch(`${this.source}?frame=all`, { signal: this.#closed.signal });
      if (!reply.ok) throw new Error(`frames: ${reply.status}`);
      const told = (await reply.json()) as Told;
      this.times = told.times;
      this.size = { width: told.width, height: told.height, frames: told.times.length };
      this.show(this.#wanted);
    } catch (error) {
      if (this.#closed.signal.aborted) return;
      console.error(error);
      this.failed = true;
    }
  }

  /** Fetch what is wanted, then what comes next. */
  #fetch(): void {
    const last = this.times.length - 1;
    const { ahead, behind } = this.#reach;
    const near = Array.from({ length: ahead + behind }, (_, step) => (step < ahead ? step + 1 : ahead - step - 1) * this.#way);
    for (const frame of [this.#wanted, ...near.map((step) => this.#wanted + step)]) {
      if (this.#loading.size >= AT_ONCE && frame !== this.#wanted) return;
      if (frame < 0 || frame > last || this.#pictures.has(frame) || this.#loading.has(frame)) continue;
      void this.#load(frame);
    }
  }

  async #load(frame: number): Promise<void> {
    this.#loading.add(frame);
    const picture = new Image();
    picture.src = `${this.source}?frame=${frame}`;
    try {
      await picture.decode();
    } catch {
      this.#loading.delete(frame);
      if (frame === this.#wanted && !this.#closed.signal.aborted) this.failed = true;
      return;
    }
    this.#loading.delete(frame);
    if (this.#closed.signal.aborted) return;
    this.#pictures.set(frame, picture);
    this.#forget();
    if (frame === this.#wanted) this.#see(frame, picture);
    this.#fetch();
  }

  #see(frame: number, picture: HTMLImageElement): void {
    this.failed = false;
    this.shown = { frame, picture };
  }

  /** Let go of what is farthest away, for its way; what is fetched stays, or it would be fetched again without end. */
  #forget(): void {
    const { ahead, behind } = this.#reach;
    const away = (frame: number): number => {
      const by = (frame - this.#wanted) * this.#way;
      return by > 0 ? by / ahead : -by / behind;
    };
    const farthest = [...this.#pictures.keys()].sort((one, other) => away(other) - away(one));
    for (const frame of farthest.slice(0, Math.max(0, this.#pictures.size - this.#room))) this.#pictures.delete(frame);
  }
}
