/** From where a cloud is looked at, without perspective: what is as long is seen as long, near and far. */

import { dot, plus, type Vec } from "./cuboid";

export interface Sight {
  /** What is in the middle. */
  readonly target: Vec;
  /** The direction on the ground that is up on the screen, counter-clockwise from x. */
  readonly azimuth: number;
  /** A quarter of a turn from above, 0 from the side. */
  readonly elevation: number;
  /** Pixels of a metre. */
  readonly scale: number;
}

export interface Frame {
  readonly width: number;
  readonly height: number;
}

export type Spot = readonly [number, number];

export const ABOVE = Math.PI / 2;
export const ASLANT = Math.PI / 5;
const LOWEST = 0.1;
const SCALES = [0.2, 2_000] as const;

/** Right, up and into the screen. */
export function axesOf({ azimuth, elevation }: Sight): readonly [Vec, Vec, Vec] {
  const [c, s, ce, se] = [Math.cos(azimuth), Math.sin(azimuth), Math.cos(elevation), Math.sin(elevation)];
  return [
    [s, -c, 0],
    [c * se, s * se, ce],
    [c * ce, s * ce, -se],
  ];
}

/** The matrix for the graphics card, column by column; `deep` is how far from the target anything lies. */
export function matrixOf(sight: Sight, { width, height }: Frame, deep: number): Float32Array {
  const [right, up, into] = axesOf(sight);
  const rows: readonly (readonly [Vec, number])[] = [
    [right, (2 * sight.scale) / Math.max(1, width)],
    [up, (2 * sight.scale) / Math.max(1, height)],
    [into, 1 / deep],
  ];
  const matrix = new Float32Array(16);
  rows.forEach(([axis, times], row) => {
    for (let column = 0; column < 3; column++) matrix[4 * column + row] = axis[column]! * times;
    matrix[12 + row] = -dot(axis, sight.target) * times;
  });
  matrix[15] = 1;
  return matrix;
}

/** Where a place is seen. */
export function seenAt(sight: Sight, frame: Frame, axes = axesOf(sight)): (place: Vec) => Spot {
  return (place) => {
    const from = plus(place, sight.target, -1);
    return [frame.width / 2 + dot(from, axes[0]) * sight.scale, frame.height / 2 - dot(from, axes[1]) * sight.scale];
  };
}

/** The place at a height that is seen at a spot of the screen. */
export function placeAt(sight: Sight, { width, height }: Frame, [x, y]: Spot, z: number): Vec {
  const [right, up, into] = axesOf(sight);
  const [across, upwards] = [(x - width / 2) / sight.scale, (height / 2 - y) / sight.scale];
  const on = plus(plus(sight.target, right, across), up, upwards);
  const deep = Math.abs(into[2]) < 1e-6 ? 0 : (z - on[2]) / into[2];
  return plus(on, into, deep);
}

/** Everything between two corners in sight. */
export function whole(low: Vec, high: Vec, { width, height }: Frame, azimuth = 0): Sight {
  const [wide, high_] = [Math.max(1, high[1] - low[1]), Math.max(1, high[0] - low[0])];
  const scale = Math.min(width / wide, height / high_) * 0.95;
  return within({ target: [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]], azimuth, elevation: ABOVE, scale });
}

/** How a cloud was looked at, and whether nearer than as a whole. */
export interface Kept extends Sight {
  readonly near: boolean;
}

/** Another cloud as the last one was looked at: from the same side, and as near, at the same place where this one reaches. */
export function likewise(sight: Sight, { near, target, azimuth, elevation, scale }: Kept, low: Vec, high: Vec): Sight {
  const turned = { ...sight, azimuth, elevation };
  if (!near) return within(turned);
  const there = [0, 1].every((axis) => low[axis]! <= target[axis]! && target[axis]! <= high[axis]!);
  return within({ ...turned, scale: Math.max(scale, sight.scale), target: there ? target : sight.target });
}

export function within(sight: Sight): Sight {
  return { ...sight, elevation: Math.min(ABOVE, Math.max(LOWEST, sight.elevation)), scale: Math.min(SCALES[1], Math.max(SCALES[0], sight.scale || SCALES[0])) };
}

/** Nearer or farther, what is under a spot staying there. */
export function zoomed(sight: Sight, frame: Frame, factor: number, spot: Spot = [frame.width / 2, frame.height / 2]): Sight {
  const nearer = within({ ...sight, scale: sight.scale * factor });
  const [before, after] = [placeAt(sight, frame, spot, sight.target[2]), placeAt(nearer, frame, spot, sight.target[2])];
  return { ...nearer, target: plus(nearer.target, plus(before, after, -1)) };
}

/** Moved by pixels of the screen. */
export function panned(sight: Sight, [x, y]: Spot): Sight {
  const [right, up] = axesOf(sight);
  return { ...sight, target: plus(plus(sight.target, right, -x / sight.scale), up, y / sight.scale) };
}
