/** Segments of a sound in seconds: their order, where they may lie, and how times are written. */

import { numbersOf } from "../locale";

export interface Piece {
  readonly start: number;
  readonly end: number;
}

export interface Segment extends Piece {
  readonly label?: string;
  /** The words; undefined until they are written, "" where there are none. */
  readonly text?: string;
}

export type Edge = "start" | "end";

/** Nothing shorter is made by hand, in seconds. */
export const LEAST = 0.01;
const MILLISECONDS = 1000;

/** A time as it is kept: to a millisecond. */
export function rounded(seconds: number): number {
  return Math.round(seconds * MILLISECONDS) / MILLISECONDS;
}

/** In the order of the sound. */
export function ordered(segments: readonly Segment[]): Segment[] {
  return [...segments].sort((one, other) => one.start - other.start || one.end - other.end || compared(one.label, other.label));
}

/** How far a piece around a time may go: to its neighbours, or the whole sound where segments may overlap. */
export function roomAt(others: readonly Segment[], at: number, length: number, overlapping: boolean): Piece {
  if (overlapping) return { start: 0, end: length };
  const before = others.filter((one) => one.end <= at);
  const behind = others.filter((one) => one.start >= at);
  return { start: Math.max(0, ...before.map((one) => one.end)), end: Math.min(length, ...behind.map((one) => one.start)) };
}

/** Whether others leave a time free. */
export function isFree(others: readonly Segment[], at: number): boolean {
  return !others.some((one) => one.start < at && at < one.end);
}

/** Whether one of these has the same place and label: which says the same, whatever its words. */
export function isThere(segments: readonly Segment[], { start, end, label }: Segment): boolean {
  return segments.some((one) => one.start === start && one.end === end && one.label === label);
}

/** The piece between two times in either order, within its room; null if nothing is left of it. */
export function between(one: number, other: number, room: Piece): Piece | null {
  const [start, end] = [Math.max(room.start, Math.min(one, other)), Math.min(room.end, Math.max(one, other))];
  return end - start >= LEAST ? { start: rounded(start), end: rounded(end) } : null;
}

/** The piece moved, as far as its room allows. */
export function moved({ start, end }: Piece, by: number, room: Piece): Piece {
  const shift = Math.max(room.start - start, Math.min(room.end - end, by));
  return { start: rounded(start + shift), end: rounded(end + shift) };
}

/** The piece with one edge at another time, as far as its room and its other edge allow. */
export function withEdge({ start, end }: Piece, edge: Edge, to: number, room: Piece): Piece {
  if (edge === "start") return { start: rounded(Math.max(room.start, Math.min(end - LEAST, to))), end };
  return { start, end: rounded(Math.min(room.end, Math.max(start + LEAST, to))) };
}

/** The nearest of some times, if it is near enough; else the time itself. */
export function snapped(at: number, times: readonly number[], reach: number): number {
  const near = times.filter((time) => Math.abs(time - at) <= reach).sort((one, other) => Math.abs(one - at) - Math.abs(other - at));
  return near[0] ?? at;
}

/** The shortest segment at a time; asked again at the same time, the next longer one; -1: none. */
export function segmentAt(segments: readonly Segment[], at: number, before: number): number {
  const there = segments.flatMap((one, index) => (one.start <= at && at <= one.end ? [index] : []));
  there.sort((one, other) => lengthOf(segments[one]!) - lengthOf(segments[other]!));
  return there[(there.indexOf(before) + 1) % there.length] ?? -1;
}

/** For each segment on which row it is drawn, so that those at one time lie below each other. */
export function lanesOf(segments: readonly Segment[]): number[] {
  const ends: number[] = [];
  return segments.map(({ start, end }) => {
    const free = ends.findIndex((last) => last <= start);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = end;
    return lane;
  });
}

/** A time as people read it: `0:01.25`, in the way of their language. */
export function timeOf(seconds: number, language: string): string {
  const hundredths = Math.round(seconds * 100);
  const [minutes, rest] = [Math.floor(hundredths / 6000), (hundredths % 6000) / 100];
  const digits = new Intl.NumberFormat(numbersOf(language), { minimumIntegerDigits: 2, minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(rest);
  if (minutes < 60) return `${minutes}:${digits}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${digits}`;
}

function lengthOf({ start, end }: Piece): number {
  return end - start;
}

function compared(one = "", other = ""): number {
  return one < other ? -1 : Number(one > other);
}
