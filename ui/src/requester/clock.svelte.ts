/** The present moment as state, for texts such as "3 minutes ago". */

import type { Time } from "../lib/wire";

class Clock {
  now = $state<Time>(Date.now() / 1000);

  constructor() {
    setInterval(() => (this.now = Date.now() / 1000), 5_000);
  }
}

export const clock = new Clock();
