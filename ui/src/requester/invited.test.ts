import { expect, test } from "vitest";
import { invitedBy } from "./invited";

const run = (id: string, price: number, state = "open") => ({ state, publication: { prices: [price], task: { id } } }) as const;

test.each([
  [run("animals", 1000), false, "invitations.open"],
  [run("animals", 0), false, "invitations.open.unpaid"],
  [run("animals-trial", 0), false, "invitations.open.trial"],
  [run("animals-trial", 1000), false, "invitations.open.trial"],
  [run("animals-trial", 0), true, "run.invitation.over"],
  [run("animals", 1000, "paused"), false, "run.invitation.closed"],
] as const)("nobody is promised pay who gets none, nor pages that only experts get: %#", (view, over, told) => {
  expect(invitedBy(view as never, over)).toBe(told);
});
