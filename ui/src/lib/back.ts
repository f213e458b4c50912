/**
 * What lies over a page is closed by the browser's Back, as people with phones expect, and the page stays.
 *
 * One step of the history stands for all that is open. When it is closed otherwise the step stays and is used again by what is
 * opened next; a Back over it goes on to where it would have gone. Nobody steps back here while somebody goes elsewhere.
 */

/** What is open, the last one on top. */
const open: HTMLDialogElement[] = [];
/** Whether the step that the history is at is such a one. */
const isOurs = (): boolean => (history.state as { over?: boolean } | null)?.over === true;
let ours = false;

function goneBack(): void {
  const before = ours;
  ours = false;
  // From another page to a step that stood for what was open on this one: on to this one. Else this page itself was left or come to.
  if (isOurs()) return history.back();
  if (!before) return;
  const top = open.pop();
  if (!top) return history.back();
  top.close();
  if (open.length > 0) stepOn();
}

function stepOn(): void {
  if (!isOurs()) history.pushState({ over: true }, "");
  ours = true;
}

/** Show a dialog over the page. */
export function showOver(dialog: HTMLDialogElement): void {
  if (dialog.open) return;
  dialog.showModal();
  // The same listener is added once, however often it is.
  addEventListener("popstate", goneBack);
  stepOn();
  open.push(dialog);
  dialog.addEventListener("close", () => open.includes(dialog) && open.splice(open.indexOf(dialog), 1), { once: true });
}
