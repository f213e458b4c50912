/** What is seen of a large picture and of the mask on it: only what the screen shows, at the screen's fineness. */

import { cleared } from "../shapes/paint";
import { toFrame, toPicture, type Placement } from "../shapes/placement";
import type { Place, Size } from "../shapes/shape";
import type { Pointing } from "../widgets";
import type { Raster, Rect } from "./raster";

/** Colours of masks are mixed with the picture, their edges hardly. */
const EDGE = 235;
/** Smaller copies are made down to this side. */
const SMALLEST = 1024;

type Drawable = HTMLImageElement | ImageBitmap;

/** A picture with copies of half the size, a quarter and so on, from which the nearest larger one is drawn. */
export class Copies {
  #levels: Drawable[];
  #closed = false;

  constructor(image: HTMLImageElement) {
    this.#levels = [image];
  }

  /** Make the copies, one after the other, so that the page stays alive; `onmade` after each. */
  async make(onmade: () => void): Promise<void> {
    const size = { width: (this.#levels[0] as HTMLImageElement).naturalWidth, height: (this.#levels[0] as HTMLImageElement).naturalHeight };
    for (let half = 2; Math.max(size.width, size.height) / half >= SMALLEST && !this.#closed; half *= 2) {
      const options = { resizeWidth: Math.ceil(size.width / half), resizeHeight: Math.ceil(size.height / half), resizeQuality: "medium" as const };
      const copy = await createImageBitmap(this.#levels.at(-1)!, options).catch(() => null);
      if (!copy) return;
      if (this.#closed) return copy.close();
      this.#levels.push(copy);
      onmade();
    }
  }

  close(): void {
    this.#closed = true;
    for (const level of this.#levels) if ("close" in level) level.close();
    this.#levels = this.#levels.slice(0, 1);
  }

  /** Draw what a frame shows. */
  draw(canvas: HTMLCanvasElement, frame: Size, placement: Placement, size: Size): void {
    const context = cleared(canvas, frame);
    if (!context) return;
    const fine = canvas.width / Math.max(1, frame.width);
    const level = Math.min(this.#levels.length - 1, Math.max(0, Math.floor(Math.log2(1 / (placement.scale * fine)))));
    const from = this.#levels[level]!;
    const [wide, high] = "naturalWidth" in from ? [from.naturalWidth, from.naturalHeight] : [from.width, from.height];
    const [left, top] = toPicture(placement, [0, 0]).map((place) => Math.max(0, Math.floor(place))) as [number, number];
    const [right, bottom] = toPicture(placement, [frame.width, frame.height]);
    const seen = { width: Math.min(size.width, Math.ceil(right)) - left, height: Math.min(size.height, Math.ceil(bottom)) - top };
    if (seen.width <= 0 || seen.height <= 0) return;
    const [x, y] = toFrame(placement, [left, top]);
    const [across, down] = [wide / size.width, high / size.height];
    context.imageSmoothingEnabled = placement.scale <= 3;
    context.drawImage(from, left * across, top * down, seen.width * across, seen.height * down, x, y, seen.width * placement.scale, seen.height * placement.scale);
  }
}

/** Colours of codes from 1 on as numbers of four bytes, with how strongly they cover, and those of edges. */
export function palette(colours: readonly string[], opacity: number): { area: Uint32Array; edge: Uint32Array } {
  const number = (colour: string, alpha: number): number => {
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)) as [number, number, number];
    return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  };
  return {
    area: Uint32Array.from([0, ...colours.map((colour) => number(colour, Math.round(255 * opacity)))]),
    edge: Uint32Array.from([0, ...colours.map((colour) => number(colour, EDGE))]),
  };
}

/** Paint a part of the mask, or all that is seen; pixels of the screen that differ from their neighbours are edges. */
export function paintMask(canvas: HTMLCanvasElement, frame: Size, placement: Placement, raster: Raster, { area, edge }: ReturnType<typeof palette>, part: Rect | null): void {
  const context = part ? canvas.getContext("2d") : cleared(canvas, frame);
  const fine = canvas.width / Math.max(1, frame.width);
  const seen = partOfScreen(canvas, placement, fine, part ?? { left: 0, top: 0, right: raster.width, bottom: raster.height });
  const [wide, high] = [seen.right - seen.left, seen.bottom - seen.top];
  if (!context || wide <= 0 || high <= 0) return;
  const image = context.createImageData(wide, high);
  const pixels = new Uint32Array(image.data.buffer);
  const along = (count: number, first: number, shift: number, most: number): Int32Array => Int32Array.from({ length: count }, (_, at) => Math.max(-1, Math.min(most, Math.floor(((first + at + 0.5) / fine - shift) / placement.scale))));
  const columns = along(wide + 1, seen.left - 1, placement.x, raster.width - 1);
  const rows = along(high + 1, seen.top - 1, placement.y, raster.height - 1);
  const { codes, width } = raster;
  for (let y = 0; y < high; y++) {
    const [above, row] = [Math.max(0, rows[y]!) * width, Math.max(0, rows[y + 1]!) * width];
    let before = columns[0]! < 0 ? 0 : codes[row + columns[0]!]!;
    for (let x = 0; x < wide; x++) {
      const column = Math.max(0, columns[x + 1]!);
      const code = codes[row + column]!;
      const upper = codes[above + column]!;
      if (code !== 0 || before !== 0 || upper !== 0) pixels[y * wide + x] = code === before && code === upper ? area[code]! : edge[code || before || upper]!;
      before = code;
    }
  }
  context.putImageData(image, seen.left, seen.top);
}

/** The pixels of the canvas that show a part of the picture, with one around for edges. */
function partOfScreen(canvas: HTMLCanvasElement, placement: Placement, fine: number, part: Rect): Rect {
  const [left, top] = toFrame(placement, [part.left, part.top]).map((place) => Math.floor(place * fine) - 1) as [number, number];
  const [right, bottom] = toFrame(placement, [part.right, part.bottom]).map((place) => Math.ceil(place * fine) + 2) as [number, number];
  return { left: Math.max(0, left), top: Math.max(0, top), right: Math.min(canvas.width, right), bottom: Math.min(canvas.height, bottom) };
}

/** The brush as a ring, light and dark, so that it is seen on everything. */
export function paintRing(context: CanvasRenderingContext2D, [x, y]: Place, radius: number, down: boolean): void {
  for (const [colour, width] of [["#fff", 3], ["#111827", 1.5]] as const) {
    context.beginPath();
    context.arc(x, y, Math.max(1, radius), 0, 2 * Math.PI);
    context.lineWidth = down ? width + 1 : width;
    context.strokeStyle = colour;
    context.stroke();
  }
}

/** What is pointed at for the assistant: a plus is inside, a minus is not. */
export function paintPrompt(context: CanvasRenderingContext2D, placement: Placement, { points, box }: Pointing): void {
  for (const [colour, width] of [["#fff", 5], ["#111827", 2]] as const) {
    context.beginPath();
    if (box) {
      const [x, y] = toFrame(placement, [box[0], box[1]]);
      context.rect(x, y, (box[2] - box[0]) * placement.scale, (box[3] - box[1]) * placement.scale);
    }
    for (const [px, py, good] of points) {
      const [x, y] = toFrame(placement, [px, py]);
      context.moveTo(x - 6, y);
      context.lineTo(x + 6, y);
      if (good) context.moveTo(x, y - 6);
      if (good) context.lineTo(x, y + 6);
    }
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  }
}
