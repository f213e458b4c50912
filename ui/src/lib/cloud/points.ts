/** The points of a cloud as the server packs them: in an order by lot, so that the first ones are a sample of all. */

import type { Vec } from "./cuboid";

export interface Points {
  /** x, y, z of each, from the origin. */
  readonly places: Float32Array;
  /** How brightly each came back, null where that is not known. */
  readonly brightness: Uint8Array | null;
  readonly count: number;
  /** How many there are, of which these are a sample. */
  readonly total: number;
  /** What places are counted from, in the frame of the cloud. */
  readonly origin: Vec;
  readonly low: Vec;
  readonly high: Vec;
}

const MAGIC = 0x494f504644; // the beginning of DFPOINTS
const HEAD = 48;
/** From so many points, which are a sample, it is seen how far the cloud reaches. */
const SAMPLE = 200_000;
/** So much of them lies beyond on either side, as stray points do. */
const STRAY = 0.005;

/** Fetch the points; raises an error if they cannot be had. */
export async function fetched(source: string, signal: AbortSignal): Promise<Points> {
  const reply = await fetch(`${source}?points=1`, { signal });
  if (!reply.ok) throw new Error(`${reply.status}`);
  return unpacked(await reply.arrayBuffer());
}

export function unpacked(content: ArrayBuffer): Points {
  const head = new DataView(content);
  if (content.byteLength < HEAD || Number(head.getBigUint64(0, true) & 0xffffffffffn) !== MAGIC) throw new Error("no points");
  const count = head.getUint32(8, true);
  const bright = head.getUint32(12, true) === 1;
  const places = new Float32Array(content, HEAD, 3 * count);
  return {
    places,
    brightness: bright ? new Uint8Array(content, HEAD + 12 * count, count) : null,
    count,
    total: head.getUint32(16, true),
    origin: [head.getFloat64(24, true), head.getFloat64(32, true), head.getFloat64(40, true)],
    ...reach(places),
  };
}

function reach(places: Float32Array): { low: Vec; high: Vec } {
  const count = Math.min(places.length / 3, SAMPLE);
  const bounds = [0, 1, 2].map((axis) => {
    const column = new Float32Array(count);
    for (let place = 0; place < count; place++) column[place] = places[3 * place + axis]!;
    column.sort();
    const stray = Math.floor(STRAY * count);
    return [column[stray]!, column[count - 1 - stray]!] as const;
  });
  const [x, y, z] = bounds as [readonly [number, number], readonly [number, number], readonly [number, number]];
  return { low: [x[0], y[0], z[0]], high: [x[1], y[1], z[1]] };
}

/** The points that are at most so far from a place, as x, y, z. */
export function around({ places, count }: Points, [x, y, z]: Vec, far: number, most = Infinity): Float32Array {
  const found: number[] = [];
  for (let at = 0; at < 3 * count && found.length < 3 * most; at += 3) {
    const [dx, dy, dz] = [places[at]! - x, places[at + 1]! - y, places[at + 2]! - z];
    if (dx * dx + dy * dy + dz * dz <= far * far) found.push(places[at]!, places[at + 1]!, places[at + 2]!);
  }
  return Float32Array.from(found);
}
