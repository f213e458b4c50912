/** Tracks as they are painted: on a frame, in pixels of the stage, and on a line of time. */

import { colourOf } from "../shapes/paint";
import { toFrame, type Placement } from "../shapes/placement";
import { along, type Span } from "./span";
import type { Form, Spot, Track } from "./track";

export interface Named {
  readonly name: string;
  readonly colour: string;
}

export type Labels = ReadonlyMap<string, Named>;

const HALO = "rgb(255 255 255 / 85%)";
const HANDLE = { fine: 5, coarse: 9 };
export const ROW = 20;

/** The colour of a label by its place, as on a picture. */
export function colourAt(place: number): string {
  return colourOf(place);
}

export function colourFor(track: Track, labels: Labels): string {
  return (track.label === undefined ? undefined : labels.get(track.label)?.colour) ?? colourAt(track.id - 1);
}

/** A place with the track's number and label; a guessed one dashed, one where it is no more faint. */
export function paintSpot(context: CanvasRenderingContext2D, placement: Placement, form: Form, track: Track, spot: Spot, labels: Labels, chosen: boolean, ghost: boolean): void {
  const colour = colourFor(track, labels);
  context.globalAlpha = ghost ? 0.5 : 1;
  context.setLineDash(spot.hidden || ghost ? [6, 4] : []);
  trace(context, placement, form, spot.numbers);
  for (const [style, width] of [[HALO, chosen ? 6 : 4], [colour, chosen ? 3 : 2]] as const) {
    [context.strokeStyle, context.lineWidth] = [style, width];
    context.stroke();
  }
  context.setLineDash([]);
  const name = `${track.id} ${track.label === undefined ? "" : (labels.get(track.label)?.name ?? track.label)}`.trim();
  const [x, y] = toFrame(placement, [spot.numbers[0]!, spot.numbers[1]!]);
  context.font = "600 13px system-ui, sans-serif";
  const wide = context.measureText(name).width + 8;
  const top = Math.max(0, y - 20);
  context.fillStyle = colour;
  context.fillRect(x, top, wide, 18);
  context.fillStyle = "#fff";
  context.fillText(name, x + 4, top + 13);
  context.globalAlpha = 1;
}

export function paintHandles(context: CanvasRenderingContext2D, placement: Placement, numbers: readonly number[], colour: string, coarse: boolean): void {
  const reach = coarse ? HANDLE.coarse : HANDLE.fine;
  for (const corner of cornersOf(numbers)) {
    const [x, y] = toFrame(placement, corner);
    [context.fillStyle, context.strokeStyle, context.lineWidth] = ["#fff", colour, 2];
    context.beginPath();
    context.rect(x - reach, y - reach, 2 * reach, 2 * reach);
    context.fill();
    context.stroke();
  }
}

export function cornersOf(numbers: readonly number[]): [number, number][] {
  const [left, top, right, bottom] = numbers as [number, number, number, number];
  return numbers.length < 4 ? [] : [[left, top], [right, top], [right, bottom], [left, bottom]];
}

function trace(context: CanvasRenderingContext2D, placement: Placement, form: Form, numbers: readonly number[]): void {
  context.beginPath();
  const [x, y] = toFrame(placement, [numbers[0]!, numbers[1]!]);
  if (form === "point") return context.arc(x, y, 6, 0, 2 * Math.PI);
  const [right, bottom] = toFrame(placement, [numbers[2]!, numbers[3]!]);
  context.rect(x, y, right - x, bottom - y);
}

/** One row a track: a bar where it is there, thin where its place is guessed, a tick on each key frame. */
export function paintRow(context: CanvasRenderingContext2D, track: Track, top: number, span: Span, width: number, labels: Labels): void {
  const colour = colourFor(track, labels);
  const keys = track.keys;
  keys.forEach((key, index) => {
    if (key.gone) return;
    const until = keys[index + 1]?.frame ?? key.frame + 1;
    const [from, to] = [along(key.frame, span, width), along(until, span, width)];
    if (to < 0 || from > width) return;
    context.globalAlpha = 0.45;
    context.fillStyle = colour;
    context.fillRect(from, top + (key.hidden ? 9 : 6), Math.max(1, to - from), key.hidden ? 2 : 8);
    context.globalAlpha = 1;
    context.fillRect(from, top + 3, 2, 14);
  });
}
