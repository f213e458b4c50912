/** The turns of a dialogue as one text to be marked, and its spans as those of the turns; only the latter are stored. */

import type { Span } from "../spans/marks";
import { askedTurns, type Part, type Turn } from "./turns";

/** A span of an answer: places in code points of the text of its turn. */
export interface TurnSpan extends Span {
  readonly turn: number;
}

interface Place {
  readonly turn: number;
  readonly start: number;
  readonly end: number;
}

const length = (text: string): number => [...text].length;

export class Joined {
  readonly text: string;
  /** Where the turns are that may be marked in, in code points. */
  readonly #places: readonly Place[];

  constructor(part: Part, role: string | null, speakerOf: (turn: Turn) => string) {
    const asked = new Set(askedTurns(part, role));
    const [places, pieces]: [Place[], string[]] = [[], []];
    let at = 0;
    part.turns.forEach((turn, index) => {
      const head = `${index > 0 ? "\n" : ""}${speakerOf(turn)}:\n`;
      const start = at + length(head);
      at = start + length(turn.text);
      pieces.push(head, turn.text);
      if (asked.has(part.from + index)) places.push({ turn: part.from + index, start, end: at });
    });
    this.text = pieces.join("");
    this.#places = places;
  }

  /** The spans of turns as spans of the whole; what is no list of such stays as it is. */
  toWhole(value: unknown): unknown {
    if (!Array.isArray(value)) return value;
    return (value as TurnSpan[]).flatMap(({ turn, ...span }) => {
      const place = this.#places.find((one) => one.turn === turn);
      return place ? [{ ...span, start: span.start + place.start, end: span.end + place.start }] : [];
    });
  }

  /** The spans of the whole as spans of turns; those that are in no turn are left out. */
  toTurns(value: unknown): unknown {
    if (!Array.isArray(value)) return value;
    return (value as Span[]).flatMap((span) => {
      const place = this.#within(span);
      return place ? [{ turn: place.turn, ...span, start: span.start - place.start, end: span.end - place.start }] : [];
    });
  }

  /** What keeps a piece from being marked: it is not within one turn that may be marked in. */
  hindrance(span: Span): "" | "span_in_no_turn" {
    return this.#within(span) ? "" : "span_in_no_turn";
  }

  #within({ start, end }: Span): Place | undefined {
    return this.#places.find((one) => one.start <= start && end <= one.end);
  }
}
