/**
 * The pixels of a picture, each with the code of a label, 0: none. Painting, filling, and what the answer is.
 *
 * A picture has up to 20 million pixels: what is painted is kept by tiles, so that taking it back and writing the answer cost
 * what was touched, and not the whole picture.
 */

import type { Place, Size } from "../shapes/shape";
import { read, written } from "./runs";

/** An answer as it is stored. */
export interface Masked extends Size {
  readonly masks: readonly { readonly label?: string; readonly counts: string }[];
  /** How many masks in it an assistant has made. */
  readonly assisted?: number;
}

/** What a tile was, packed: lengths of runs and their codes in turns. */
type Packed = Uint32Array;
/** What some tiles were before something was done. */
export type Step = ReadonlyMap<number, Packed>;

export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The side of a tile: a thin stroke across a large picture touches few pixels of small ones. */
export const TILE = 64;
/** A change is a row and a code: the code has the last byte. */
const CODES = 256;

export class Raster {
  readonly width: number;
  readonly height: number;
  readonly codes: Uint8Array;
  /** Whether pixels that have a label already stay as they are. */
  keep = false;
  readonly #across: number;
  /** Where the code changes in each column: the row, and the new code in the last byte. None: nothing is marked. */
  readonly #changes: (Uint32Array | undefined)[];
  /** Tiles as they were before what is being done. */
  #before = new Map<number, Uint8Array>();
  #stale = new Set<number>();
  #dirty: Rect | null = null;

  constructor({ width, height }: Size) {
    this.width = width;
    this.height = height;
    this.codes = new Uint8Array(width * height);
    this.#across = Math.ceil(width / TILE);
    this.#changes = new Array<Uint32Array | undefined>(width);
  }

  // --- painting -----------------------------------------------------------------------------------

  /** Paint all pixels whose middle is as near to the line as the radius. */
  line([x0, y0]: Place, [x1, y1]: Place, radius: number, code: number): void {
    const length = Math.hypot(x1 - x0, y1 - y0);
    const [nx, ny] = length > 0 ? [(-(y1 - y0) / length) * radius, ((x1 - x0) / length) * radius] : [0, 0];
    const corners: Place[] = [
      [x0 + nx, y0 + ny],
      [x1 + nx, y1 + ny],
      [x1 - nx, y1 - ny],
      [x0 - nx, y0 - ny],
    ];
    const last = Math.min(this.height - 1, Math.ceil(Math.max(y0, y1) + radius));
    for (let row = Math.max(0, Math.floor(Math.min(y0, y1) - radius)); row <= last; row++) {
      const middle = row + 0.5;
      let [left, right] = [Infinity, -Infinity];
      for (const [x, y] of [[x0, y0], [x1, y1]] as const) {
        const half = Math.sqrt(Math.max(-1, radius * radius - (middle - y) ** 2));
        if (half >= 0) [left, right] = [Math.min(left, x - half), Math.max(right, x + half)];
      }
      if (length > 0)
        for (const x of crossings(corners, middle)) [left, right] = [Math.min(left, x), Math.max(right, x)];
      this.#span(row, Math.ceil(left - 0.5), Math.floor(right - 0.5) + 1, code);
    }
  }

  /** Paint all pixels whose middle is inside of an outline. */
  fill(outline: readonly Place[], code: number): void {
    const rows = outline.map(([, y]) => y);
    const last = Math.min(this.height - 1, Math.ceil(Math.max(...rows)));
    for (let row = Math.max(0, Math.floor(Math.min(...rows))); row <= last; row++) {
      const at = crossings(outline, row + 0.5).sort((one, other) => one - other);
      for (let pair = 0; pair + 1 < at.length; pair += 2) this.#span(row, Math.ceil(at[pair]! - 0.5), Math.ceil(at[pair + 1]! - 0.5), code);
    }
  }

  /** Paint all pixels of the same code that hang together with this one. */
  flood([x, y]: Place, code: number): void {
    const { width, height, codes } = this;
    const [column, row] = [Math.min(width - 1, Math.floor(x)), Math.min(height - 1, Math.floor(y))];
    const from = codes[row * width + column]!;
    if (from === code || (this.keep && from !== 0)) return;
    const todo = [column, row];
    while (todo.length > 0) {
      const at = todo.pop()!;
      const start = at * width;
      let left = todo.pop()!;
      if (codes[start + left] !== from) continue;
      let right = left + 1;
      while (left > 0 && codes[start + left - 1] === from) left--;
      while (right < width && codes[start + right] === from) right++;
      this.#span(at, left, right, code);
      for (const next of [at - 1, at + 1]) {
        if (next < 0 || next >= height) continue;
        for (let place = left; place < right; place++) if (codes[next * width + place] === from && (place === left || codes[next * width + place - 1] !== from)) todo.push(place, next);
      }
    }
  }

  /** Paint the pixels of runs. */
  runs(counts: string, code: number): void {
    this.#inside(counts, (start, end) => this.#column(start, end, code, true));
  }

  #inside(counts: string, each: (start: number, end: number) => void): void {
    let [place, inside] = [0, false];
    for (const count of read(counts)) {
      if (inside && count > 0) each(place, Math.min(place + count, this.codes.length));
      place += count;
      inside = !inside;
    }
  }

  /** Set pixels of a row; what they were is kept first. */
  #span(row: number, start: number, end: number, code: number): void {
    const [left, right] = [Math.max(0, start), Math.min(this.width, end)];
    if (left >= right) return;
    for (let tile = Math.floor(left / TILE); tile * TILE < right; tile++) this.#save(Math.floor(row / TILE) * this.#across + tile);
    const begin = row * this.width;
    if (!this.keep || code === 0) this.codes.fill(code, begin + left, begin + right);
    else for (let place = begin + left; place < begin + right; place++) if (this.codes[place] === 0) this.codes[place] = code;
    this.#touch({ left, top: row, right, bottom: row + 1 });
  }

  #touch(rect: Rect): void {
    const before = this.#dirty;
    this.#dirty = before ? { left: Math.min(before.left, rect.left), top: Math.min(before.top, rect.top), right: Math.max(before.right, rect.right), bottom: Math.max(before.bottom, rect.bottom) } : rect;
  }

  /** What was painted since this was asked last. */
  painted(): Rect | null {
    const dirty = this.#dirty;
    this.#dirty = null;
    return dirty;
  }

  // --- steps --------------------------------------------------------------------------------------

  #bounds(tile: number): Rect {
    const [left, top] = [(tile % this.#across) * TILE, Math.floor(tile / this.#across) * TILE];
    return { left, top, right: Math.min(this.width, left + TILE), bottom: Math.min(this.height, top + TILE) };
  }

  #save(tile: number): void {
    if (this.#before.has(tile)) return;
    const { left, top, right, bottom } = this.#bounds(tile);
    const kept = new Uint8Array((right - left) * (bottom - top));
    for (let row = top; row < bottom; row++) kept.set(this.codes.subarray(row * this.width + left, row * this.width + right), (row - top) * (right - left));
    this.#before.set(tile, kept);
    this.#stale.add(tile);
  }

  /** What was done since the last step, to be taken back by `swap`; null if nothing has changed. */
  step(): Step | null {
    const before = this.#before;
    this.#before = new Map();
    const changed = [...before].filter(([tile, kept]) => this.#differs(tile, kept));
    return changed.length > 0 ? new Map(changed.map(([tile, kept]) => [tile, packed(kept)])) : null;
  }

  /** Take back what was done since the last step. */
  abandon(): void {
    const step = this.step();
    if (step) this.swap(step);
  }

  #differs(tile: number, kept: Uint8Array): boolean {
    const { left, top, right, bottom } = this.#bounds(tile);
    const wide = right - left;
    for (let row = top; row < bottom; row++) {
      const at = row * this.width;
      for (let column = left; column < right; column++) if (this.codes[at + column] !== kept[(row - top) * wide + column - left]) return true;
    }
    return false;
  }

  /** Put tiles back as they were; gives what they are now. */
  swap(step: Step): Step {
    for (const [tile, was] of step) {
      this.#save(tile);
      const bounds = this.#bounds(tile);
      const { left, top, right, bottom } = bounds;
      const kept = unpacked(was, (right - left) * (bottom - top));
      for (let row = top; row < bottom; row++) this.codes.set(kept.subarray((row - top) * (right - left), (row - top + 1) * (right - left)), row * this.width + left);
      this.#touch(bounds);
    }
    return this.step() ?? new Map<number, Packed>();
  }

  // --- the answer ---------------------------------------------------------------------------------

  /** The answer, masks in the order of the labels' codes from 1 on. */
  toJson(labels: readonly (string | undefined)[]): Masked {
    this.#look();
    const masks = labels.flatMap((label, place) => {
      const counts = this.#counts(place + 1);
      return counts.length > 1 ? [{ ...(label === undefined ? {} : { label }), counts: written(counts) }] : [];
    });
    return { width: this.width, height: this.height, masks };
  }

  /** Begin with an answer; labels that there are no more are left out. */
  load(masks: Masked["masks"], labels: readonly (string | undefined)[]): void {
    for (const { label, counts } of masks) {
      const code = labels.indexOf(label) + 1;
      if (code === 0) continue;
      this.#inside(counts, (start, end) => this.#column(start, end, code, false));
    }
    for (let tile = 0; tile < this.#across * Math.ceil(this.height / TILE); tile++) this.#stale.add(tile);
    this.#touch({ left: 0, top: 0, right: this.width, bottom: this.height });
  }

  /** Set pixels in the order of columns; `kept`: what they were is kept first. */
  #column(start: number, end: number, code: number, kept: boolean): void {
    const { height, width, codes } = this;
    for (let place = start; place < end; ) {
      const [column, row] = [Math.floor(place / height), place % height];
      const last = Math.min(height, row + end - place);
      for (let tile = Math.floor(row / TILE); kept && tile * TILE < last; tile++) this.#save(tile * this.#across + Math.floor(column / TILE));
      for (let at = row * width + column, stop = last * width + column; at < stop; at += width) if (!kept || !this.keep || codes[at] === 0) codes[at] = code;
      if (kept) this.#touch({ left: column, top: row, right: column + 1, bottom: last });
      place += last - row;
    }
  }

  /** Look anew where codes change in the columns of tiles that were touched: those one above the other at once. */
  #look(): void {
    const down = Math.ceil(this.height / TILE);
    const order = [...this.#stale].map((tile) => (tile % this.#across) * down + Math.floor(tile / this.#across)).sort((one, other) => one - other);
    this.#stale.clear();
    for (let first = 0; first < order.length; ) {
      let past = first + 1;
      while (past < order.length && order[past] === order[past - 1]! + 1 && order[past]! % down > 0) past++;
      const [left, top] = [Math.floor(order[first]! / down) * TILE, (order[first]! % down) * TILE];
      this.#lookAt(left, Math.min(this.width, left + TILE), top, Math.min(this.height, top + (past - first) * TILE + 1));
      first = past;
    }
  }

  #lookAt(left: number, right: number, top: number, bottom: number): void {
    const { width, codes } = this;
    const last = top > 0 ? codes.slice((top - 1) * width + left, (top - 1) * width + right) : new Uint8Array(right - left);
    const found: number[][] = Array.from({ length: right - left }, () => []);
    for (let row = top; row < bottom; row++) {
      const start = row * width + left;
      for (let column = 0; column < last.length; column++) {
        const code = codes[start + column]!;
        if (code === last[column]) continue;
        last[column] = code;
        found[column]!.push(row * CODES + code);
      }
    }
    found.forEach((between, column) => {
      const old = this.#changes[left + column];
      if (!old && between.length === 0) return;
      const changes = spliced(old ?? new Uint32Array(), top * CODES, bottom * CODES, between);
      this.#changes[left + column] = changes.length > 0 ? changes : undefined;
    });
  }

  /** Lengths of runs outside and inside of a label, column by column; one alone if nothing is inside. */
  #counts(code: number): number[] {
    const counts: number[] = [];
    let [inside, from] = [false, 0];
    const turn = (place: number): void => {
      counts.push(place - from);
      from = place;
      inside = !inside;
    };
    for (let column = 0; column < this.width; column++) {
      const changes = this.#changes[column];
      const begin = column * this.height;
      // A column begins without a label, unless its first pixel has one.
      if (inside && (changes === undefined || changes[0]! >= CODES)) turn(begin);
      for (const change of changes ?? []) if ((change % CODES === code) !== inside) turn(begin + Math.floor(change / CODES));
    }
    if (from < this.codes.length) counts.push(this.codes.length - from);
    return counts;
  }

  /** How many pixels each label has, by its code. */
  sizes(): Map<number, number> {
    this.#look();
    const sizes = new Map<number, number>();
    for (const changes of this.#changes) {
      for (let place = 0; changes && place < changes.length; place++) {
        const code = changes[place]! % CODES;
        const end = place + 1 < changes.length ? Math.floor(changes[place + 1]! / CODES) : this.height;
        if (code > 0) sizes.set(code, (sizes.get(code) ?? 0) + end - Math.floor(changes[place]! / CODES));
      }
    }
    return sizes;
  }

  at([x, y]: Place): number {
    return this.codes[Math.min(this.height - 1, Math.floor(y)) * this.width + Math.min(this.width - 1, Math.floor(x))] ?? 0;
  }
}

/** Where the edges of an outline cross the height of a row. */
function crossings(outline: readonly Place[], y: number): number[] {
  const found: number[] = [];
  outline.forEach(([x0, y0], place) => {
    const [x1, y1] = outline[(place + 1) % outline.length]!;
    if (y0 < y !== y1 < y) found.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
  });
  return found;
}

/** Rising numbers with others in place of those from one on to before another. */
function spliced(old: Uint32Array, from: number, to: number, between: readonly number[]): Uint32Array {
  let [start, end] = [0, old.length];
  while (start < end && old[start]! < from) start++;
  while (end > start && old[end - 1]! >= to) end--;
  const found = new Uint32Array(start + between.length + old.length - end);
  found.set(old.subarray(0, start));
  found.set(between, start);
  found.set(old.subarray(end), start + between.length);
  return found;
}

function packed(codes: Uint8Array): Packed {
  const found: number[] = [];
  for (let start = 0; start < codes.length; ) {
    let end = start + 1;
    while (end < codes.length && codes[end] === codes[start]) end++;
    found.push(end - start, codes[start]!);
    start = end;
  }
  return Uint32Array.from(found);
}

function unpacked(pack: Packed, length: number): Uint8Array {
  const codes = new Uint8Array(length);
  let start = 0;
  for (let place = 0; place < pack.length; place += 2) {
    codes.fill(pack[place + 1]!, start, start + pack[place]!);
    start += pack[place]!;
  }
  return codes;
}

/** How many bytes a step takes. */
export function weight(step: Step): number {
  return [...step.values()].reduce((sum, pack) => sum + pack.byteLength, 0);
}
