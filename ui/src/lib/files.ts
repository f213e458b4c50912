/** Where this device keeps files that are answers until the server has them. */

import { getContext, setContext } from "svelte";

/** Where files are kept, by their names. */
export interface Files {
  keep(media: string, file: Blob): Promise<void>;
  get(media: string): Promise<Blob | undefined>;
}

const PLACE = Symbol("files");

/** Keep the files of all widgets below in this place. */
export function holdFiles(files: Files): void {
  setContext(PLACE, files);
}

/** The place where files are kept; a page that sends nothing, such as a preview, has them in memory. */
export function heldFiles(): Files {
  const kept = new Map<string, Blob>();
  return getContext<Files | undefined>(PLACE) ?? { keep: async (media, file) => void kept.set(media, file), get: async (media) => kept.get(media) };
}
