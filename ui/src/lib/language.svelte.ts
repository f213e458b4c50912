/** The reader's language: chosen once, remembered on this device, known to the whole page. */

import { preferred } from "./i18n";
import { recall, remember } from "./memory";

class Language {
  current = $state("en");

  /** Start with the remembered language, else the browser's, if it is among those available. */
  start(available: readonly string[]): void {
    const remembered = recall("language");
    this.set(preferred(remembered ? [remembered] : navigator.languages, available));
  }

  set(code: string): void {
    this.current = code;
    document.documentElement.lang = code;
    remember("language", code);
  }
}

export const language = new Language();
