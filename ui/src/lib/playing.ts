/** Sound and films: when they load, and which of them plays. */

import { turns } from "./turns";

export type Kind = "audio" | "video";

/** What tells that enough has come, or that for now no more does. */
const ENOUGH = ["canplaythrough", "suspend", "stalled", "error"] as const;

/**
 * Load a recording that has `preload="none"` when its turn comes: all of a sound, of a film what says how large it is, and of
 * the first one enough to play at once. Who plays it before does not wait. Gives what takes the turn back.
 */
export function loadInTurn(media: HTMLMediaElement): () => void {
  return turns.take((done, alone) => {
    for (const event of ENOUGH) media.addEventListener(event, done, { once: true });
    if (media.readyState > HTMLMediaElement.HAVE_METADATA) done();
    media.preload = alone || media instanceof HTMLAudioElement ? "auto" : "metadata";
    if (media.paused && media.readyState === HTMLMediaElement.HAVE_NOTHING) media.load();
  });
}

/** Two recordings at once are of use to nobody. */
export function quietOthers(media: HTMLMediaElement): void {
  for (const other of document.querySelectorAll<HTMLMediaElement>("audio, video")) if (other !== media) other.pause();
}
