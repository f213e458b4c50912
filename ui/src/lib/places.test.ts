import { describe, expect, test } from "vitest";
import { withoutPlace } from "./places";

type Bytes = Uint8Array<ArrayBuffer>;

const text = (letters: string) => Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
const joined = (...parts: (Bytes | number[] | string)[]): Bytes => Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...text(part)] : [...part])));
const big = (value: number, width = 4) => [...Array(width).keys()].map((place) => (value >>> (8 * (width - 1 - place))) & 255);
const little = (value: number) => big(value).reverse();
const clean = (bytes: Bytes, ending: string) => withoutPlace(bytes.slice().buffer, ending);

/** What a camera writes: turned, of a maker, with a latitude of 55°. */
const tiff = (orientation: number) =>
  joined("MM\0*", big(8), big(3, 2), big(0x10f, 2), big(2, 2), big(4), "Cam\0", big(0x112, 2), big(3, 2), big(1), big(orientation, 2), [0, 0], big(0x8825, 2), big(4, 2), big(1), big(50), big(0), big(1, 2), big(2, 2), big(5, 2), big(3), big(68), big(0), big(55), big(1), big(45), big(1), big(21), big(1));
const upright = (orientation: number) => joined("MM\0*", big(8), big(1, 2), big(0x112, 2), big(3, 2), big(1), big(orientation, 2), [0, 0], big(0));

describe("a JPEG", () => {
  const part = (marker: number, content: Bytes) => joined([0xff, marker], big(content.length + 2, 2), content);
  const [jfif, profile, tables] = [part(0xe0, text("JFIF\0")), part(0xe2, text("ICC_PROFILE\0rgb")), part(0xdb, text("tables"))];
  const scan = joined(part(0xda, text("scan")), [1, 0xff, 0, 2, 0xff, 0xd0, 3, 0xff, 0xff], part(0xc4, text("more")), part(0xda, text("scan")), [4]);
  const told = [part(0xe1, joined("Exif\0\0", tiff(6))), part(0xe1, text("http://ns.adobe.com/xap/1.0/\0GPSLatitude")), part(0xed, text("Photoshop 3.0\0City")), part(0xe2, text("MPF\0"))];
  const photo = joined([0xff, 0xd8], told[0] as Bytes, jfif, ...told.slice(1), profile, tables, scan, [0xff, 0xd9], "a second picture with its own place");

  test("keeps its picture, colours and orientation, and nothing else that a camera wrote", () => {
    expect(clean(photo, "jpg")).toEqual(joined([0xff, 0xd8], part(0xe1, joined("Exif\0\0", upright(6))), jfif, profile, tables, scan, [0xff, 0xd9]));
  });

  test("that is cut off or filled up has nothing left of it either", () => {
    const cut = photo.slice(0, photo.length - "4\xff\xd9a second picture with its own place".length);
    expect(clean(cut, "jpg")).toEqual(joined([0xff, 0xd8], part(0xe1, joined("Exif\0\0", upright(6))), jfif, profile, tables, scan.slice(0, -1)));
    expect(clean(joined([0xff, 0xd8, 0xff, 0xff], told[1] as Bytes, scan, [0xff, 0xd9]), "jpg")).toEqual(joined([0xff, 0xd8], scan, [0xff, 0xd9]));
  });

  test("that tells nothing stays as it is, and so does one of which only the beginning is there", () => {
    const bare = joined([0xff, 0xd8], jfif, tables, scan, [0xff, 0xd9]);
    expect(clean(bare, "jpg")).toEqual(bare);
    for (const length of [0, 3, 20, 100]) expect(clean(photo.slice(0, length), "jpg")).toEqual(photo.slice(0, length));
  });
});

test("a PNG keeps its orientation, with a checksum that is right, and loses texts and times", () => {
  const chunk = (name: string, content: Bytes) => joined(big(content.length), name, content, "crc!");
  const [head, data, end] = [chunk("IHDR", text("head")), chunk("IDAT", text("data")), chunk("IEND", text(""))];
  const photo = joined("\x89PNG\r\n\x1a\n", head, chunk("tEXt", text("Comment\0home")), data, chunk("eXIf", tiff(3)), chunk("tIME", text("today")), end);
  // The checksum is that of Python's zlib.crc32.
  expect(clean(photo, "png")).toEqual(joined("\x89PNG\r\n\x1a\n", head, big(26), "eXIf", upright(3), big(0x845f64ce), data, end));
});

test("a WebP loses what a camera wrote, and says so in its head and its size", () => {
  const chunk = (name: string, content: Bytes) => joined(name, little(content.length), content, content.length % 2 ? [0] : []);
  const head = (flags: number) => chunk("VP8X", joined([flags], "size of it"));
  const file = (...chunks: Bytes[]) => joined("RIFF", little(4 + joined(...chunks).length), "WEBP", ...chunks);
  const picture = chunk("VP8 ", text("odd"));
  expect(clean(file(head(0x1c), picture, chunk("EXIF", tiff(1)), chunk("XMP ", text("GPSLatitude"))), "webp")).toEqual(file(head(0x10), picture));
  expect(clean(file(head(0x0c), picture, chunk("EXIF", joined("Exif\0\0", tiff(8)))), "webp")).toEqual(file(head(0x08), picture, chunk("EXIF", upright(8))));
});

test("an AVIF has nothing left of the place where it was told, and every other byte where it was", () => {
  const photo = joined(big(8), "ftypavif", [0, 0, 0, 0], tiff(1), "<x:xmpmeta>GPSLatitude</x:xmpmeta>", "picture");
  const cleaned = clean(photo, "avif");
  expect(cleaned.length).toBe(photo.length);
  expect(cleaned).toEqual(joined(photo.slice(0, 16), tiff(1).slice(0, 50), Array(tiff(1).length - 50).fill(0), " ".repeat(34), "picture"));
});

test("a film keeps its pictures and how long it plays, and its texts become empty space", () => {
  const box = (name: string, ...content: (Bytes | string)[]) => joined(big(8 + joined(...content).length), name, ...content);
  const film = (told: string, name: string) =>
    joined(box("ftyp", "isom"), box("moov", box("mvhd", "length"), box("trak", box("tkhd", "turned"), box(name, told)), box(name, told), box(name, told)), box("mdat", "pictures"));
  const place = "\xa9xyz+55.75+037.61/";
  expect(clean(film(place, "udta"), "mp4")).toEqual(film("\0".repeat(place.length), "free"));
  expect(clean(film(place, "meta"), "mov")).toEqual(film("\0".repeat(place.length), "free"));
  const damaged = joined(box("ftyp", "isom"), big(3), "moov");
  expect(clean(damaged, "mp4")).toEqual(damaged);
});
