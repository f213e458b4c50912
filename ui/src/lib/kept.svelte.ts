/** The address at which a file shows that is an answer: kept on this device, or on the server. */

import type { Files } from "./files";
import { mediaUrl, type Json } from "./widgets";

export class Shown {
  /** Empty while there is none. */
  source = $state("");

  /** Follow a value; call it while a component is made. */
  constructor(value: () => Json, files: Files) {
    $effect(() => {
      const wanted = value() as { media?: string } | undefined;
      let made = "";
      let gone = false;
      this.source = "";
      void (wanted?.media ? files.get(wanted.media).catch(() => undefined) : Promise.resolve(undefined)).then((file) => {
        if (gone) return;
        if (file) made = URL.createObjectURL(file);
        this.source = made || mediaUrl(wanted);
      });
      return () => {
        gone = true;
        if (made) URL.revokeObjectURL(made);
      };
    });
  }
}
