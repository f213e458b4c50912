// @vitest-environment node
import { describe, expect, test } from "vitest";
import type { Files } from "./files";
import { endingOf, size, take, type Kind } from "./take";

/** A place that keeps what it gets, or says that it cannot. */
function place(full = false): Files & { kept: Map<string, Blob> } {
  const kept = new Map<string, Blob>();
  return { kept, keep: async (media, file) => (full ? Promise.reject(new Error("full")) : void kept.set(media, file)), get: async (media) => kept.get(media) };
}

const bytes = (head: string, length = 64) => Uint8Array.from({ length }, (_, at) => head.charCodeAt(at) || 0);
const HEADS: readonly [string, Kind, string][] = [
  ["\xff\xd8\xff\xe0", "image", "jpg"],
  ["\x89PNG\r\n", "image", "png"],
  ["GIF89a", "image", "gif"],
  ["RIFF....WEBP", "image", "webp"],
  ["\0\0\0\x1cftypavif", "image", "avif"],
  ["\0\0\0\x1cftypheic", "image", "heic"],
  ["\0\0\0\x1cftypmif1", "image", "heic"],
  ["RIFF....WAVE", "audio", "wav"],
  ["fLaC", "audio", "flac"],
  ["OggS", "audio", "ogg"],
  ["ID3", "audio", "mp3"],
  ["\xff\xfb\x90", "audio", "mp3"],
  ["\x1aE\xdf\xa3", "audio", "weba"],
  ["\x1aE\xdf\xa3", "video", "webm"],
  ["\0\0\0\x1cftypM4A ", "audio", "m4a"],
  ["\0\0\0\x1cftypisom", "video", "mp4"],
  ["\0\0\0\x1cftypqt  ", "video", "mov"],
  ["OggS\0\0\x80theora", "video", "ogv"],
  ["RIFF....AVI ", "video", ""],
  ["<svg onload=", "image", ""],
  ["PK\x03\x04", "image", ""],
];

test.each(HEADS)("what begins with %j is, where %s is wanted, %j", (head, kind, ending) => {
  expect(endingOf(bytes(head), kind)).toBe(ending);
});

describe("a file for an answer", () => {
  test("is kept under the SHA-256 of its bytes, whatever it is called and however often it is taken", async () => {
    const files = place();
    const file = new File(["GIF89a"], "Снимок ../é.exe", { type: "text/html" });
    const media = "610f5ae4d76e332636a17bd357fd6ce99029316a99d320280d4d77a746bf29e8.gif"; // as sha256sum tells it
    for (let time = 0; time < 2; time++) expect(await take(file, "image", 100, files)).toEqual({ media });
    expect([...files.kept.keys()]).toEqual([media]);
    expect(files.kept.get(media)?.type).toBe("image/gif");
  });

  test("is named by what is sent, which tells no place", async () => {
    const files = place();
    const taken = await take(new File([bytes("\xff\xd8\xff\xe1\0\x08secret\xff\xda\0\x02data\xff\xd9", 22)], "p.jpg"), "image", 100, files);
    const [[media, kept] = ["", new Blob()]] = [...files.kept];
    expect(taken).toEqual({ media });
    expect(new Uint8Array(await kept.arrayBuffer())).toEqual(bytes("\xff\xd8\xff\xda\0\x02data\xff\xd9", 12));
  });

  test.each([
    ["", 100, false, "file_empty"],
    ["GIF89a", 5, false, "file_large"],
    ["PK\x03\x04", 100, false, "file_kind"],
    ["fLaC", 100, false, "file_kind"],
    ["\0\0\0\x1cftypheic", 100, false, "file_heic"],
    ["GIF89a", 100, true, "file_not_kept"],
  ] as const)("that begins with %j, of at most %i bytes, is answered with the reason", async (head, largest, full, problem) => {
    const files = place(full);
    expect(await take(new File([bytes(head, head.length)], "f"), "image", largest, files)).toBe(problem);
    expect(files.kept.size).toBe(0);
  });
});

test("sizes are told in words", () => {
  expect(size(1_468_006, "en")).toBe("1.4 MB");
  expect(size(512, "en")).toBe("0.5 kB");
});
