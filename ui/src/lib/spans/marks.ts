/** Spans as the page draws them: places in code units, in reading order, side by side on lanes where they overlap. */

import type { Offsets } from "./offsets";
import type { Piece } from "./pieces";

/** A span of an answer: places in code points, as Python counts. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly label?: string;
  readonly text?: string;
}

export interface Mark extends Piece {
  readonly label: string | undefined;
  /** Below how many others it is drawn. */
  readonly lane: number;
}

/** The marks of an answer in the order of its spans; what is no list of spans has none. */
export function marksOf(value: unknown, offsets: Offsets): Mark[] {
  const spans = Array.isArray(value) ? (value as Span[]) : [];
  const ends: number[] = [];
  return spans.map(({ start, end, label }) => {
    const lane = ends.findIndex((last) => last <= start);
    const taken = lane < 0 ? ends.length : lane;
    ends[taken] = end;
    return { start: offsets.toUnits(start), end: offsets.toUnits(end), label, lane: taken };
  });
}

/** The answer with a span more, in reading order. */
export function withSpan(spans: readonly Span[], span: Span): Span[] {
  return [...spans, span].sort((one, other) => one.start - other.start || one.end - other.end || order(one.label, other.label));
}

/** What keeps a piece from being marked so, or "". */
export function hindrance(spans: readonly Span[], span: Span, overlapping: boolean): "" | "span_there" | "span_overlaps" {
  const there = spans.filter((other) => other.start < span.end && span.start < other.end);
  if (there.some((other) => other.start === span.start && other.end === span.end && other.label === span.label)) return "span_there";
  return there.length > 0 && !overlapping ? "span_overlaps" : "";
}

/** The smallest mark at a place; asked again at the same place, the next larger one. */
export function markAt(marks: readonly Mark[], place: number, before: number): number {
  const there = marks.flatMap((mark, index) => (mark.start <= place && place < mark.end ? [index] : []));
  there.sort((one, other) => length(marks[one]!) - length(marks[other]!));
  return there[(there.indexOf(before) + 1) % there.length] ?? -1;
}

function length({ start, end }: Piece): number {
  return end - start;
}

function order(one = "", other = ""): number {
  return one < other ? -1 : Number(one > other);
}
