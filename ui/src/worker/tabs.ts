/** This browser's tabs talk to each other, so that two of them never work on the same run. */

import { storageName } from "../lib/root";

export type TabMessage =
  /** This tab works on the run from now on. */
  | { kind: "here"; run: string; tab: string }
  /** The outbox changed. */
  | { kind: "outbox" }
  /** The server has an answer in a training. */
  | { kind: "lesson" }
  /** The worker chose another language. */
  | { kind: "language"; code: string };

export interface Tabs {
  say(message: TabMessage): void;
  close(): void;
}

/** Join the tabs' conversation; a browser without it has each tab for itself, which the server copes with. */
export function joinTabs(hear: (message: TabMessage) => void): Tabs {
  if (typeof BroadcastChannel === "undefined") return { say: () => undefined, close: () => undefined };
  const channel = new BroadcastChannel(storageName("dataforge"));
  channel.onmessage = (event: MessageEvent<TabMessage>) => hear(event.data);
  return { say: (message) => channel.postMessage(message), close: () => channel.close() };
}
