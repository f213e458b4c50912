/** The files of answers on their way: piece by piece, each before the answers that name it. */

import { Refused } from "../lib/api";
import type { FileState } from "../lib/wire";
import type { Answer } from "../lib/answers";
import type { KeptFile, Letter, Shelf } from "./store";

/** A mebibyte: on a slow network it arrives before anybody gives up. */
const PIECE = 1 << 20;

export interface Carrier {
  state(page: string, output: string, media: string): Promise<FileState>;
  piece(page: string, output: string, media: string, begin: number, size: number, piece: Blob): Promise<FileState>;
}

/** Send the files that a letter names, as far as the server has not got them; what share of them it has is told meanwhile. */
export async function sendFiles(letter: Pick<Letter, "page" | "answers">, kept: Shelf<KeptFile>, carrier: Carrier, tell: (share: number) => void): Promise<void> {
  const files: [string, string, Blob][] = [];
  for (const [output, media] of filesOf(letter.answers)) {
    const file = (await kept.get(media))?.file;
    if (file) files.push([output, media, file]);
  }
  const whole = files.reduce((sum, [, , file]) => sum + file.size, 0);
  let before = 0;
  for (const [output, media, file] of files) {
    await sendFile(letter.page, output, media, file, carrier, (received) => tell((before + received) / whole));
    before += file.size;
  }
}

async function sendFile(page: string, output: string, media: string, file: Blob, carrier: Carrier, tell: (received: number) => void): Promise<void> {
  let state = await carrier.state(page, output, media);
  while (!state.whole) {
    tell(state.received);
    const before = state.received;
    state = await carrier.piece(page, output, media, before, file.size, file.slice(before, before + PIECE)).catch((error: unknown) => {
      // The answers may be there already; what is to be said of the page is said to them.
      if (error instanceof Refused && error.code === "page_not_held") return { received: file.size, whole: true };
      throw error;
    });
  }
}

/** Output and name of each file in answers, each once. */
export function filesOf(answers: readonly Answer[]): [string, string][] {
  const found = new Map<string, [string, string]>();
  for (const answer of answers) {
    if (typeof answer === "string") continue;
    for (const [output, value] of Object.entries(answer)) {
      const media = (value as { media?: unknown } | null)?.media;
      if (typeof media === "string") found.set(`${output}/${media}`, [output, media]);
    }
  }
  return [...found.values()];
}
