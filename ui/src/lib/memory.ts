/** Small settings remembered on this device; a browser that forbids storage only forgets them. */

import { storageName } from "./root";

const PREFIX = `${storageName("dataforge")}:`;

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // Private windows may refuse: the setting then lasts as long as the page.
  }
}
