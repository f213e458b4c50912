/** What is being written to somebody: kept on this device until it was sent, with the key that makes sending it twice harmless. */

import { recall, remember } from "../lib/memory";

export interface Written {
  text: string;
  key: string;
}

const nameOf = (what: string) => `written:${what}`;

/** What was written of that before, or nothing yet. */
export function written(what: string): Written {
  try {
    const kept = JSON.parse(recall(nameOf(what)) ?? "null");
    if (typeof kept?.text === "string" && typeof kept.key === "string") return kept;
  } catch {
    // Something else was kept there: it is begun anew.
  }
  return { text: "", key: crypto.getRandomValues(new Uint32Array(4)).join("-") };
}

/** Keep what is written; an empty text is kept no more. */
export function keep(what: string, one: Written): void {
  remember(nameOf(what), one.text.trim() ? JSON.stringify(one) : null);
}

/** It was sent. */
export const forget = (what: string): void => remember(nameOf(what), null);
