/** How much waits for a requester: appeals to decide, messages to answer. */

import { fetchInbox } from "./api";
import { every } from "./fresh.svelte";
import type { InboxPart } from "./route";

const LOOK_EVERY = 30;

class Inbox {
  appeals = $state(0);
  messages = $state(0);

  /** The part in which something waits, appeals before messages. */
  get first(): InboxPart {
    return this.appeals === 0 && this.messages > 0 ? "messages" : "appeals";
  }

  /** Look now; what cannot be asked stays as it was. */
  async look(): Promise<void> {
    const found = await fetchInbox().catch(() => null);
    if (found === null) return;
    this.appeals = found.appeals;
    this.messages = found.messages;
  }

  /** Look now and from time to time; gives what ends that. */
  follow(): () => void {
    void this.look();
    return every(LOOK_EVERY, () => this.look());
  }
}

export const inbox = new Inbox();
