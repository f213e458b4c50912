/** Pieces of pictures, sounds and texts: what of a whole is meant, and how much around it is seen. */

import type { Json } from "./widgets";

export interface Room {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Around a crop so much of its longer side is seen, and no less than so many pixels. */
const AROUND = 0.4;
const LEAST_AROUND = 16;
/** Around a piece of a text so many characters are read. */
const CHARACTERS = 400;

/** The numbers by which a value says what of its whole is meant; null where it is no piece. */
export function partOf(value: Json, name: "crop" | "cut" | "piece"): readonly number[] | null {
  const part = (value as Record<string, unknown> | null | undefined)?.[name];
  return Array.isArray(part) && part.every((one) => typeof one === "number" && Number.isFinite(one)) ? (part as number[]) : null;
}

/** What is seen of a picture of this size: the crop and what is around it; all of it where the crop lies outside. */
export function around(crop: readonly number[], size: { width: number; height: number }): { view: Room; piece: Room } {
  const within = (value: number, most: number) => Math.min(most, Math.max(0, value));
  const room = (left: number, top: number, right: number, bottom: number): Room => {
    const [x, y] = [within(left, size.width), within(top, size.height)];
    return { left: x, top: y, width: within(right, size.width) - x, height: within(bottom, size.height) - y };
  };
  const [left = 0, top = 0, right = size.width, bottom = size.height] = crop;
  const piece = room(left, top, right, bottom);
  if (!(piece.width > 0 && piece.height > 0)) return { view: room(0, 0, size.width, size.height), piece: room(0, 0, size.width, size.height) };
  const more = Math.max(LEAST_AROUND, AROUND * Math.max(piece.width, piece.height));
  return { view: room(left - more, top - more, right + more, bottom + more), piece };
}

/** A piece of a text, with what stands before it and behind it; places count code points, as in Python. */
export function passage(text: string, [start = 0, end = 0]: readonly number[]): { before: string; piece: string; behind: string } {
  const signs = Array.from(text);
  const from = Math.max(0, start - CHARACTERS);
  const to = Math.min(signs.length, end + CHARACTERS);
  const join = (one: number, other: number) => signs.slice(one, other).join("");
  return { before: (from > 0 ? "…" : "") + join(from, start), piece: join(start, end), behind: join(end, to) + (to < signs.length ? "…" : "") };
}
