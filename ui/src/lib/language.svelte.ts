/** The reader's language: chosen once, remembered on this device, known to the whole page. */

import { learn, preferred } from "./i18n";
import { recall, remember } from "./memory";

class Language {
  current = $state("en");
  /** The one chosen last; its texts may still be on their way. */
  #chosen = "en";

  /** Start with the remembered language, else the browser's, if it is among those available. */
  async start(available: readonly string[]): Promise<void> {
    const remembered = recall("language");
    await this.set(preferred(remembered ? [remembered] : navigator.languages, available));
  }

  /** Change to a language as soon as its texts are here; raises if they cannot be loaded, and all stays as it is. */
  async set(code: string): Promise<void> {
    this.#chosen = code;
    await learn(code);
    if (this.#chosen !== code) return;
    this.current = code;
    document.documentElement.lang = code;
    remember("language", code);
  }
}

export const language = new Language();
