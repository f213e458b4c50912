/** Whom a run's link lets in, by the message that says so. */

import type { RunView } from "../lib/wire";

type Told = `run.invitation.${"archived" | "over" | "closed"}` | `invitations.open${"" | ".trial" | ".unpaid"}`;

type Invited = Pick<RunView, "state"> & { publication: { prices: readonly number[]; task: { id: string } } };

/** Whether experts try a task out: a trial asks of each item whether it is OK. */
export const isTrial = (view: Pick<Invited, "publication">): boolean => view.publication.task.id.endsWith("-trial");

export function invitedBy(view: Invited, over: boolean): Told {
  if (view.state === "archived") return "run.invitation.archived";
  if (over) return "run.invitation.over";
  if (view.state !== "open") return "run.invitation.closed";
  if (isTrial(view)) return "invitations.open.trial";
  return view.publication.prices.some((price) => price > 0) ? "invitations.open" : "invitations.open.unpaid";
}
