/** Files without what cameras write into them beside the picture: where, when and with what it was taken.
 *
 * Nothing is decoded: the picture and its orientation stay as they are, bit by bit. What cannot be read stays whole.
 */

type Bytes = Uint8Array<ArrayBuffer>;

/** The file without the place, and whatever else stands beside the picture or the sound; `ending` says what it is. */
export function withoutPlace(content: ArrayBuffer, ending: string): Bytes {
  const bytes = new Uint8Array(content);
  try {
    if (ending === "jpg") return jpeg(bytes);
    if (ending === "png") return png(bytes);
    if (ending === "webp") return webp(bytes);
    if (ending === "avif") return avif(bytes);
    if (ending === "mp4" || ending === "mov" || ending === "m4a") return film(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return bytes;
}

const ORIENTATION = 0x0112;
const GPS = 0x8825;
/** Segments of a JPEG that say how it is shown: JFIF, Adobe's transform; of colour profiles by how they begin. */
const [JFIF, PROFILE, ADOBE] = [0xe0, 0xe2, 0xee];

function jpeg(bytes: Bytes): Bytes {
  const view = viewOf(bytes);
  const kept: Bytes[] = [];
  let orientation = 1;
  let at = 2;
  while (at < bytes.length) {
    if (view.getUint8(at) !== 0xff) throw new RangeError("no marker");
    while (view.getUint8(at + 1) === 0xff) at += 1; // filled up
    const marker = view.getUint8(at + 1);
    if (marker === 0xd9) break;
    let end = at + 2 + view.getUint16(at + 2);
    if (end > bytes.length) throw new RangeError("a segment that does not end");
    if (marker === 0xe1 && word(bytes, at + 4, 6) === "Exif\0\0") orientation = orientationOf(bytes.subarray(at + 10, end));
    if (marker === 0xda) end = endOfScan(bytes, end);
    const shown = marker === JFIF || marker === ADOBE || (marker === PROFILE && word(bytes, at + 4, 11) === "ICC_PROFILE");
    if (marker < 0xe0 || marker > 0xef || shown) kept.push(bytes.subarray(at, end));
    at = end;
  }
  const exif = orientation === 1 ? [] : [segment(minimal(orientation))];
  // What stands behind the end are further pictures and films, with places of their own.
  return joined([bytes.subarray(0, 2), ...exif, ...kept, bytes.subarray(at, at + 2)]);
}

/** Where the picture's data ends: at the next marker that is neither a byte of data nor one between its parts, or cut off. */
function endOfScan(bytes: Bytes, begin: number): number {
  for (let at = bytes.indexOf(0xff, begin); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] as number;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

function segment(exif: Bytes): Bytes {
  return joined([new Uint8Array([0xff, 0xe1, 0, exif.length + 8]), letters("Exif\0\0"), exif]);
}

/** Chunks of a PNG with texts, times and what a camera wrote. */
const TOLD = ["eXIf", "tEXt", "zTXt", "iTXt", "tIME"];

function png(bytes: Bytes): Bytes {
  const view = viewOf(bytes);
  const kept = [bytes.subarray(0, 8)];
  let exif: Bytes[] = [];
  let at = 8;
  for (let name = ""; name !== "IEND"; ) {
    name = word(bytes, at + 4, 4);
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) throw new RangeError("a chunk that does not end");
    if (name === "eXIf") exif = turned(orientationOf(bytes.subarray(at + 8, end - 4))).map((tiff) => chunk("eXIf", tiff));
    if (!TOLD.includes(name)) kept.push(bytes.subarray(at, end));
    at = end;
  }
  // Behind the head, which comes first.
  return joined([...kept.slice(0, 2), ...exif, ...kept.slice(2)]);
}

function chunk(name: string, content: Bytes): Bytes {
  const named = joined([letters(name), content]);
  return joined([number32(content.length, false), named, number32(checksum(named), false)]);
}

/** The CRC-32 of PNG. */
function checksum(bytes: Bytes): number {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** Of a WebP's head the bits that say that it has EXIF and XMP. */
const [HAS_EXIF, HAS_XMP] = [0x08, 0x04];

function webp(bytes: Bytes): Bytes {
  const view = viewOf(bytes);
  const kept: Bytes[] = [];
  let exif: Bytes[] = [];
  const end = Math.min(bytes.length, 8 + view.getUint32(4, true));
  for (let at = 12; at + 8 <= end; ) {
    const name = word(bytes, at, 4);
    const size = view.getUint32(at + 4, true);
    const next = at + 8 + size + (size % 2);
    if (name === "EXIF") exif = turned(orientationOf(bytes.subarray(at + 8, at + 8 + size))).map((tiff) => joined([letters("EXIF"), number32(tiff.length, true), tiff]));
    else if (name !== "XMP ") kept.push(bytes.slice(at, next));
    at = next;
  }
  const [head] = kept;
  if (head && word(head, 0, 4) === "VP8X") head[8] = ((head[8] as number) & ~(HAS_EXIF | HAS_XMP)) | (exif.length ? HAS_EXIF : 0);
  const whole = [letters("WEBP"), ...kept, ...exif];
  return joined([letters("RIFF"), number32(whole.reduce((sum, part) => sum + part.length, 0), true), ...whole]);
}

/** In an AVIF places of bytes are named everywhere: what tells the place is overwritten where it stands. */
function avif(bytes: Bytes): Bytes {
  for (const mark of ["II*\0\x08\0\0\0", "MM\0*\0\0\0\x08"]) for (const at of found(bytes, mark)) forgetPlace(bytes.subarray(at));
  for (const at of found(bytes, "<x:xmpmeta")) {
    const [end = bytes.length] = found(bytes.subarray(at), "</x:xmpmeta>");
    bytes.fill(0x20, at, at + end + 12);
  }
  return bytes;
}

/** Boxes of a film that hold texts: their content goes, and they become empty space. */
const TEXTS = ["udta", "meta", "uuid"];

function film(bytes: Bytes, begin = 0, end = bytes.length): Bytes {
  const view = viewOf(bytes);
  for (let at = begin; at + 8 <= end; ) {
    const [size, name] = [view.getUint32(at), word(bytes, at + 4, 4)];
    const head = size === 1 ? 16 : 8;
    const next = size === 0 ? end : at + (size === 1 ? Number(view.getBigUint64(at + 8)) : size);
    if (next < at + head || next > end) throw new RangeError("a box that ends elsewhere");
    if (name === "moov" || name === "trak") film(bytes, at + head, next);
    else if (TEXTS.includes(name)) {
      bytes.set(letters("free"), at + 4);
      bytes.fill(0, at + head, next);
    }
    at = next;
  }
  return bytes;
}

/** Entries of the first directory of what a camera wrote (TIFF): tag and where the entry stands. */
function* entries(tiff: Bytes, view: DataView, little: boolean, at: number): Generator<[number, number]> {
  const count = view.getUint16(at, little);
  for (let place = at + 2; place < at + 2 + 12 * count && place + 12 <= tiff.length; place += 12) yield [view.getUint16(place, little), place];
}

/** How a picture is turned, 1 to 8; 1 if nothing says so. */
function orientationOf(tiff: Bytes): number {
  try {
    const start = word(tiff, 0, 6) === "Exif\0\0" ? tiff.subarray(6) : tiff;
    const [view, little] = [viewOf(start), start[0] === 0x49];
    for (const [tag, at] of entries(start, view, little, view.getUint32(4, little))) if (tag === ORIENTATION) return Math.min(8, Math.max(1, view.getUint16(at + 8, little)));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return 1;
}

/** Empty the directory of places, and overwrite what it had. */
function forgetPlace(tiff: Bytes): void {
  const [view, little] = [viewOf(tiff), tiff[0] === 0x49];
  for (const [tag, entry] of entries(tiff, view, little, view.getUint32(4, little))) {
    if (tag !== GPS) continue;
    const at = view.getUint32(entry + 8, little);
    for (const [, place] of entries(tiff, view, little, at)) {
      const size = view.getUint32(place + 4, little) * (view.getUint16(place + 2, little) === 5 ? 8 : 1);
      if (size > 4) tiff.fill(0, view.getUint32(place + 8, little), view.getUint32(place + 8, little) + size);
      tiff.fill(0, place, place + 12);
    }
    view.setUint16(at, 0, little);
  }
}

/** What a camera would have written that tells the orientation alone; nothing where the picture stands upright. */
function turned(orientation: number): Bytes[] {
  return orientation === 1 ? [] : [minimal(orientation)];
}

function minimal(orientation: number): Bytes {
  return new Uint8Array([0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]);
}

function* found(bytes: Bytes, mark: string): Generator<number> {
  const wanted = letters(mark);
  for (let at = bytes.indexOf(wanted[0] as number); at >= 0; at = bytes.indexOf(wanted[0] as number, at + 1)) {
    if (wanted.every((byte, place) => bytes[at + place] === byte)) yield at;
  }
}

function viewOf(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function word(bytes: Bytes, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

function letters(text: string): Bytes {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function number32(value: number, little: boolean): Bytes {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value, little);
  return bytes;
}

function joined(parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
