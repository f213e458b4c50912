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
/** From so near to so far, in metres, hints are drawn. */
const CLOSEST = 1;
const FARTHEST = 80;
const ROUNDS = 12;

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

/** The place, counted from an origin, that is seen at a pixel, so far ahead of the camera. */
export function placeAhead({ extrinsic: e, intrinsic: i, distortion = [] }: Camera, [across, down]: Spot, ahead: number, origin: Vec): Vec {
  const high = (down - i[5]!) / i[4]!;
  const [x, y] = straightened([(across - i[2]! - i[1]! * high) / i[0]!, high], distortion);
  const seen: Vec = [x * ahead - e[3]!, y * ahead - e[7]!, ahead - e[11]!];
  const place = [0, 1, 2].map((axis) => dot(seen, [e[axis]!, e[4 + axis]!, e[8 + axis]!])) as unknown as Vec;
  return plus(place, origin, -1);
}

/** What a lens bends to this. */
function straightened(at: Spot, distortion: readonly number[]): Spot {
  let [x, y] = at;
  for (let round = 0; round < ROUNDS; round++) {
    const [there, down] = bent(x, y, distortion);
    [x, y] = [x + at[0] - there, y + at[1] - down];
  }
  return [x, y];
}

/** What is seen in a box on a picture: its corners close to the camera, and far from it. */
export interface Frustum {
  readonly near: readonly Vec[];
  readonly far: readonly Vec[];
}

export function frustumOf(camera: Camera, [left, top, right, bottom]: readonly number[], origin: Vec): Frustum {
  const corners = [[left, top], [right, top], [right, bottom], [left, bottom]] as Spot[];
  const at = (ahead: number): Vec[] => corners.map((corner) => placeAhead(camera, corner, ahead, origin));
  return { near: at(CLOSEST), far: at(FARTHEST) };
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
