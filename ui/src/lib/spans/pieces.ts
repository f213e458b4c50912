/** Characters and words of a text, as readers see them. Places are counted in code units. */

export interface Piece {
  readonly start: number;
  readonly end: number;
}

/** Scripts that put no spaces between words: there a piece is a character. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

export class Pieces {
  readonly #text: string;
  readonly #characters: Intl.Segments;
  readonly #words: Intl.Segments;

  constructor(text: string) {
    this.#text = text;
    this.#characters = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text);
    this.#words = new Intl.Segmenter(undefined, { granularity: "word" }).segment(text);
  }

  /** The character, or the word, that the unit at this place belongs to. */
  at(place: number, whole: boolean): Piece {
    const word = whole ? this.#words.containing(place) : undefined;
    const found = word?.isWordLike && !UNSPACED.test(word.segment) ? word : this.#characters.containing(place);
    return found ? { start: found.index, end: found.index + found.segment.length } : { start: place, end: place };
  }

  /** What is meant by a selection: without spaces at its ends, and nothing cut in two; null if it is nothing but spaces. */
  snapped({ start, end }: Piece, whole: boolean): Piece | null {
    while (start < end && this.#isSpace(start)) start += 1;
    while (end > start && this.#isSpace(end - 1)) end -= 1;
    return start < end ? { start: this.at(start, whole).start, end: this.at(end - 1, whole).end } : null;
  }

  /** The next piece behind a place, or before it; null at the end of the text. */
  next(place: number, by: 1 | -1, whole: boolean): Piece | null {
    while (by > 0 ? place < this.#text.length : place > 0) {
      const piece = this.at(by > 0 ? place : place - 1, whole);
      if (!this.#isSpace(piece.start)) return piece;
      place = by > 0 ? piece.end : piece.start;
    }
    return null;
  }

  /** A piece with one of its ends moved by a character or a word; null where nothing is left of it, or the text ends. */
  moved({ start, end }: Piece, which: "start" | "end", by: 1 | -1, whole: boolean): Piece | null {
    const from = which === "end" ? end : start;
    // An end that comes in goes to the end of the word before it; one that goes out, to the end of the next.
    const last = which === "end" && by < 0 ? this.next(this.next(from, -1, whole)?.start ?? 0, -1, whole)?.end : undefined;
    const first = which === "start" && by > 0 ? this.next(this.next(from, 1, whole)?.end ?? this.#text.length, 1, whole)?.start : undefined;
    const outer = this.next(from, by, whole);
    const to = which === "end" ? (by < 0 ? last : outer?.end) : by > 0 ? first : outer?.start;
    if (to === undefined) return null;
    const moved = which === "end" ? { start, end: to } : { start: to, end };
    return moved.start < moved.end ? moved : null;
  }

  #isSpace(place: number): boolean {
    return /\s/u.test(this.#text.charAt(place));
  }
}
