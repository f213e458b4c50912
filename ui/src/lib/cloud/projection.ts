/** How a camera sees the places of a cloud. */

import { dot, plus, type Vec } from "./cuboid";
import type { Spot } from "./sight";

/** Matrices row by row: from the frame of the cloud to the camera's (x right, y down, z ahead), and from there to pixels. */
export interface Camera {
  readonly extrinsic: readonly number[];
  readonly intrinsic: readonly number[];
  /** k1, k2, p1, p2, k3 of Brown and Conrady. */
  readonly distortion?: readonly number[];
}

/** Nearer than this, and behind, nothing is seen. */
const NEAREST = 0.1;
/** Farther aside than this many times ahead a lens is not described. */
const WIDEST = 3;

/** The pixel at which a place, counted from an origin, is seen; null: it is seen nowhere, as behind the camera. */
export function projection({ extrinsic: e, intrinsic: i, distortion = [] }: Camera, origin: Vec): (place: Vec) => Spot | null {
  const rows: readonly Vec[] = [0, 4, 8].map((at) => [e[at]!, e[at + 1]!, e[at + 2]!]);
  return (place) => {
    const at = plus(place, origin);
    const [right, down, ahead] = rows.map((row, number) => dot(row, at) + e[4 * number + 3]!) as [number, number, number];
    if (ahead < NEAREST || Math.abs(right) > WIDEST * ahead || Math.abs(down) > WIDEST * ahead) return null;
    const [x, y] = bent(right / ahead, down / ahead, distortion);
    return [i[0]! * x + i[1]! * y + i[2]!, i[4]! * y + i[5]!];
  };
}

function bent(x: number, y: number, [k1 = 0, k2 = 0, p1 = 0, p2 = 0, k3 = 0]: readonly number[]): Spot {
  const far = x * x + y * y;
  const times = 1 + far * (k1 + far * (k2 + far * k3));
  return [x * times + 2 * p1 * x * y + p2 * (far + 2 * x * x), y * times + p1 * (far + 2 * y * y) + 2 * p2 * x * y];
}

/** The camera of that name in a calibration; null where it has none. */
export function cameraOf(calibration: unknown, name: string): Camera | null {
  const found = (calibration as Record<string, Camera> | null | undefined)?.[name];
  return found?.extrinsic?.length === 16 && found.intrinsic?.length === 9 ? found : null;
}
