import { afterEach, expect, test, vi } from "vitest";
import { Refused } from "../lib/api";
import type { FileState } from "../lib/wire";
import { sendFiles, type Carrier } from "./files";
import { openStore } from "./store";

const PIECE = 1 << 20;
const answers = [{ photo: { media: "a.jpg" }, sound: { media: "b.wav" } }, "broken" as const, { photo: { media: "a.jpg" } }, { photo: null }];

/** A server that has so many bytes of each file already. */
function carrier(there: Record<string, number>): Carrier & { pieces: [string, number, number][] } {
  const pieces: [string, number, number][] = [];
  return {
    pieces,
    state: async (_page, _output, media) => ({ received: there[media] ?? 0, whole: false }),
    piece: async (_page, _output, media, begin, size, piece): Promise<FileState> => {
      pieces.push([media, begin, piece.size]);
      return { received: begin + piece.size, whole: begin + piece.size === size };
    },
  };
}

afterEach(() => vi.unstubAllGlobals());

/** Files in memory, as where the browser keeps nothing. */
async function kept() {
  vi.stubGlobal("indexedDB", undefined);
  const { files } = await openStore();
  await files.put({ page: "a.jpg", file: new Blob([new Uint8Array(3 * PIECE)]), at: 0 });
  await files.put({ page: "b.wav", file: new Blob([new Uint8Array(PIECE)]), at: 0 });
  return files;
}

test("each file goes once, in pieces, from where the last attempt stopped, and the share that has arrived is told", async () => {
  const [server, shares] = [carrier({ "a.jpg": PIECE }), [] as number[]];
  await sendFiles({ page: "p", answers }, await kept(), server, (share) => shares.push(share));
  expect(server.pieces).toEqual([
    ["a.jpg", PIECE, PIECE],
    ["a.jpg", 2 * PIECE, PIECE],
    ["b.wav", 0, PIECE],
  ]);
  expect(shares).toEqual([0.25, 0.5, 0.75]);
});

test("of a page that is over nothing more is sent; any other trouble is told to who sends", async () => {
  const over = carrier({});
  over.piece = vi.fn(async () => Promise.reject(new Refused(409, "page_not_held", "over")));
  await sendFiles({ page: "p", answers }, await kept(), over, () => undefined);
  expect(over.piece).toHaveBeenCalledTimes(2);
  over.piece = async () => Promise.reject(new Refused(507, "storage_full", "full"));
  await expect(sendFiles({ page: "p", answers }, await kept(), over, () => undefined)).rejects.toThrow("full");
});
