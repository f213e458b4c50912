/** Light, dark, or what the system says. */

import { recall, remember } from "./memory";

export type Choice = "system" | "light" | "dark";
export const choices: readonly Choice[] = ["system", "light", "dark"];

class Theme {
  choice = $state<Choice>("system");

  /** Apply the remembered choice; call before the first paint. */
  start(): void {
    const remembered = recall("theme");
    this.set(choices.find((choice) => choice === remembered) ?? "system");
  }

  set(choice: Choice): void {
    this.choice = choice;
    if (choice === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    remember("theme", choice === "system" ? null : choice);
  }
}

export const theme = new Theme();
