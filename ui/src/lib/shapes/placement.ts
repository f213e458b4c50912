/** Where a picture stands in its frame: screen pixels for one of its own, and where its left upper corner is. */

import type { Place, Size } from "./shape";

export interface Placement {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** So many screen pixels show one of the picture when it is enlarged the most; small pictures are enlarged until then too. */
const CLOSEST = 16;
/** A turn of the wheel changes the scale by no more than this share. */
const STEP = 0.3;

/** The whole picture in the middle of the frame. */
export function fitted(picture: Size, frame: Size): Placement {
  const scale = Math.min(frame.width / picture.width, frame.height / picture.height, CLOSEST);
  return { scale, x: (frame.width - picture.width * scale) / 2, y: (frame.height - picture.height * scale) / 2 };
}

/** Scale by a factor and keep what is under `at`, a place of the frame, under it. */
export function scaledAt(now: Placement, factor: number, at: Place, picture: Size, frame: Size): Placement {
  const least = fitted(picture, frame).scale;
  const scale = Math.min(Math.max(CLOSEST, least), Math.max(least, now.scale * factor));
  const ratio = scale / now.scale;
  return bounded({ scale, x: at[0] - (at[0] - now.x) * ratio, y: at[1] - (at[1] - now.y) * ratio }, picture, frame);
}

export function wheelFactor(delta: number): number {
  return Math.min(1 + STEP, Math.max(1 / (1 + STEP), Math.exp(-delta / 400)));
}

export function shiftedBy(now: Placement, by: Place, picture: Size, frame: Size): Placement {
  return bounded({ scale: now.scale, x: now.x + by[0], y: now.y + by[1] }, picture, frame);
}

/** The picture covers the frame, or is in its middle where it is smaller. */
function bounded(now: Placement, picture: Size, frame: Size): Placement {
  const along = (start: number, shown: number, room: number) => (shown <= room ? (room - shown) / 2 : Math.min(0, Math.max(room - shown, start)));
  return { scale: now.scale, x: along(now.x, picture.width * now.scale, frame.width), y: along(now.y, picture.height * now.scale, frame.height) };
}

export function toPicture(now: Placement, [x, y]: Place): Place {
  return [(x - now.x) / now.scale, (y - now.y) / now.scale];
}

export function toFrame(now: Placement, [x, y]: Place): Place {
  return [now.x + x * now.scale, now.y + y * now.scale];
}
