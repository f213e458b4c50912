/** A cuboid: where its faces are, what is inside, and how it is fitted to points. Metres, radians, z up. */

export type Vec = readonly [number, number, number];
export type Axis = 0 | 1 | 2;

export interface Cuboid {
  readonly label?: string;
  readonly track?: string;
  readonly centre: Vec;
  /** Length along the heading, width, height. */
  readonly size: Vec;
  /** Counter-clockwise as seen from above, 0 along x. */
  readonly heading: number;
  /** Roll and pitch of what is not upright. */
  readonly tilt?: readonly [number, number];
}

export const LEAST = 0.05;
export const LARGEST = 1_000;
const DIGITS = 3;
const ANGLE_DIGITS = 5;
/** So far around a cuboid points are taken for those of its thing, and so high above the ground. */
const BESIDE = 0.4;
const ABOVE = 1;
const GROUND = 0.2;
/** So many points make a shape. */
const FEWEST = 4;
const ROUNDS = 3;

const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits + 0;

/** The same direction from above -π to π. */
export function wrapped(angle: number): number {
  const turned = Math.PI - ((((Math.PI - angle) % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI));
  return turned <= -Math.PI ? Math.PI : turned;
}

/** The directions of length, width and height: turned by roll about x, then by pitch about y, then by the heading. */
export function axesOf({ heading, tilt = [0, 0] }: Cuboid): readonly [Vec, Vec, Vec] {
  const [a, b, c, d, e, f] = [Math.cos(tilt[0]), Math.sin(tilt[0]), Math.cos(tilt[1]), Math.sin(tilt[1]), Math.cos(heading), Math.sin(heading)];
  return [
    [e * c, f * c, -d],
    [e * d * b - f * a, f * d * b + e * a, c * b],
    [e * d * a + f * b, f * d * a - e * b, c * a],
  ];
}

export const dot = (one: Vec, other: Vec): number => one[0] * other[0] + one[1] * other[1] + one[2] * other[2];
export const plus = (one: Vec, other: Vec, times = 1): Vec => [one[0] + times * other[0], one[1] + times * other[1], one[2] + times * other[2]];

/** The eight corners: four of the front, left to right above and below, then four of the rear in the same order. */
export function cornersOf(cuboid: Cuboid): Vec[] {
  const axes = axesOf(cuboid);
  const [length, width, height] = cuboid.size;
  const at = (along: number, across: number, up: number): Vec => plus(plus(plus(cuboid.centre, axes[0], (along * length) / 2), axes[1], (across * width) / 2), axes[2], (up * height) / 2);
  return [1, -1].flatMap((along) => [at(along, 1, 1), at(along, -1, 1), at(along, -1, -1), at(along, 1, -1)]);
}

/** Which corners edges join. */
export const EDGES: readonly (readonly [number, number])[] = [0, 1, 2, 3].flatMap((one) => {
  const next = (one + 1) % 4;
  return [[one, next] as const, [4 + one, 4 + next] as const, [one, 4 + one] as const];
});

/** A place in the cuboid's own frame, from its centre. */
export function local(cuboid: Cuboid, place: Vec, axes = axesOf(cuboid)): Vec {
  const from = plus(place, cuboid.centre, -1);
  return [dot(from, axes[0]), dot(from, axes[1]), dot(from, axes[2])];
}

/** How many of the points, as x, y, z, lie inside. */
export function countInside(cuboid: Cuboid, points: Float32Array): number {
  const axes = axesOf(cuboid);
  let count = 0;
  for (let at = 0; at < points.length; at += 3) {
    const [x, y, z] = local(cuboid, [points[at]!, points[at + 1]!, points[at + 2]!], axes);
    if (Math.abs(x) <= cuboid.size[0] / 2 && Math.abs(y) <= cuboid.size[1] / 2 && Math.abs(z) <= cuboid.size[2] / 2) count += 1;
  }
  return count;
}

/** The cuboid moved along its own axes. */
export function movedBy(cuboid: Cuboid, by: Vec): Cuboid {
  const axes = axesOf(cuboid);
  return { ...cuboid, centre: plus(plus(plus(cuboid.centre, axes[0], by[0]), axes[1], by[1]), axes[2], by[2]) };
}

/** The cuboid with one face moved outwards, the opposite one staying where it is. */
export function withFace(cuboid: Cuboid, axis: Axis, side: 1 | -1, by: number): Cuboid {
  const length = Math.min(LARGEST, Math.max(LEAST, cuboid.size[axis] + by));
  const grown = length - cuboid.size[axis];
  const move: [number, number, number] = [0, 0, 0];
  move[axis] = (side * grown) / 2;
  return { ...movedBy(cuboid, move), size: cuboid.size.map((one, place) => (place === axis ? length : one)) as unknown as Vec };
}

export const turnedBy = (cuboid: Cuboid, by: number): Cuboid => ({ ...cuboid, heading: wrapped(cuboid.heading + by) });

/** The cuboid around the points of its thing, its heading kept; null where there are none. */
export function fittedTo(cuboid: Cuboid, points: Float32Array): Cuboid | null {
  let fitted = cuboid;
  for (let turn = 0; turn < ROUNDS; turn++) {
    const near = nearIn(fitted, points);
    const low = Math.min(...near.map(([, , z]) => z));
    const raised = near.filter(([, , z]) => z > low + GROUND);
    if (raised.length < FEWEST) return turn === 0 ? null : fitted;
    const bounds = [0, 1, 2].map((axis) => {
      const column = (axis === 2 ? near : raised).map((place) => place[axis]!).sort((one, other) => one - other);
      return [column[0]!, column.at(-1)!] as const;
    });
    const size = bounds.map(([from, to]) => Math.max(LEAST, to - from)) as unknown as Vec;
    const middle = bounds.map(([from, to]) => (from + to) / 2) as unknown as Vec;
    fitted = { ...movedBy(fitted, middle), size };
  }
  return fitted;
}

/** The points in and close to a cuboid, in its own frame; at most so many as can be spread into a call. */
function nearIn(cuboid: Cuboid, points: Float32Array): Vec[] {
  const axes = axesOf(cuboid);
  const found: Vec[] = [];
  for (let at = 0; at < points.length && found.length < 50_000; at += 3) {
    const place = local(cuboid, [points[at]!, points[at + 1]!, points[at + 2]!], axes);
    const [x, y, z] = place;
    const beside = Math.abs(x) <= cuboid.size[0] / 2 + BESIDE && Math.abs(y) <= cuboid.size[1] / 2 + BESIDE;
    if (beside && z >= -cuboid.size[2] / 2 - BESIDE && z <= cuboid.size[2] / 2 + ABOVE) found.push(place);
  }
  return found;
}

/** The JSON form, counted from an origin that is taken off or put back. */
export function fromJson(value: unknown, origin: Vec): Cuboid[] {
  return Array.isArray(value) ? (value as Cuboid[]).map((cuboid) => ({ ...cuboid, centre: plus(cuboid.centre, origin, -1) })) : [];
}

export function toJson(cuboids: readonly Cuboid[], origin: Vec): Cuboid[] {
  const rounded = (vector: Vec): Vec => vector.map((one) => round(one, DIGITS)) as unknown as Vec;
  return cuboids.map((cuboid) => ({ ...cuboid, centre: rounded(plus(cuboid.centre, origin)), size: rounded(cuboid.size), heading: wrapped(round(cuboid.heading, ANGLE_DIGITS)) }));
}
