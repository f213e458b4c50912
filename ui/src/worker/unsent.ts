/**
 * What was written to somebody while there was no connection: kept on this device, sent by itself when there is one.
 *
 * Sending twice is harmless (a message has its key, an objection is one for a page), so each goes only after its reply.
 */

import { Refused } from "../lib/api";
import { recall, remember } from "../lib/memory";
import type { NewMessage } from "../lib/wire";

export type Mail = { kind: "message"; message: NewMessage } | { kind: "objection"; page: string; text: string };

/** How it stands with what was to be sent: it is there, it waits for a connection, or it was refused for good. */
export type Sent = { kind: "sent" } | { kind: "waits" } | { kind: "refused"; refusal: Refused };

const place = (worker: string): string => `unsent:${worker}`;
const sameAs = (one: Mail) => (other: Mail) => JSON.stringify(one) === JSON.stringify(other);

/** What waits on this device for a connection, oldest first. */
export function unsent(worker: string): Mail[] {
  try {
    const kept: unknown = JSON.parse(recall(place(worker)) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => one?.kind === "message" || one?.kind === "objection") : [];
  } catch {
    // Something else was kept there.
    return [];
  }
}

function keep(worker: string, mails: readonly Mail[]): void {
  remember(place(worker), mails.length > 0 ? JSON.stringify(mails) : null);
}

/** Send it, or keep it until it can be. */
export async function post(worker: string, mail: Mail, send: (mail: Mail) => Promise<unknown>): Promise<Sent> {
  const fate = await attempt(mail, send);
  if (fate.kind === "waits") keep(worker, [...unsent(worker).filter((one) => !sameAs(mail)(one)), mail]);
  return fate;
}

/** Send what waits, oldest first, until something cannot be sent now; gives what was refused for good. */
export async function sendWaiting(worker: string, send: (mail: Mail) => Promise<unknown>): Promise<Refused[]> {
  const refused: Refused[] = [];
  for (const mail of unsent(worker)) {
    const fate = await attempt(mail, send);
    if (fate.kind === "waits") break;
    // Another tab may have sent some of them meanwhile, and something may have been added.
    keep(worker, unsent(worker).filter((one) => !sameAs(mail)(one)));
    if (fate.kind === "refused") refused.push(fate.refusal);
  }
  return refused;
}

async function attempt(mail: Mail, send: (mail: Mail) => Promise<unknown>): Promise<Sent> {
  try {
    await send(mail);
    return { kind: "sent" };
  } catch (error) {
    // Who has to sign in first, or writes too much in an hour, has it kept as well.
    const mayPass = !(error instanceof Refused) || error.passing || error.status === 401 || error.status === 429;
    return mayPass ? { kind: "waits" } : { kind: "refused", refusal: error };
  }
}
