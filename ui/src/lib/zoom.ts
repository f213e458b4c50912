/** Where a picture stands in its frame: its scale, and the shift of its centre in pixels. */

export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const whole: View = { scale: 1, x: 0, y: 0 };
const LARGEST = 12;

/** Scale by `factor` and keep what is under `at` (measured from the frame's centre) under it. */
export function scaled(view: View, factor: number, at: Point = { x: 0, y: 0 }): View {
  const scale = Math.min(LARGEST, Math.max(1, view.scale * factor));
  if (scale === 1) return whole;
  const ratio = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio };
}

/** Shift, but never so far that the picture leaves the frame. */
export function shifted(view: View, by: Point, frame: { width: number; height: number }): View {
  const bound = (value: number, size: number) => {
    const most = ((view.scale - 1) * size) / 2;
    return Math.min(most, Math.max(-most, value));
  };
  return { scale: view.scale, x: bound(view.x + by.x, frame.width), y: bound(view.y + by.y, frame.height) };
}
