/**
 * What lies over a page is closed by the browser's Back, as people with phones expect, and the page stays.
 *
 * One step of the history stands for all that is open. When it is closed otherwise the step stays, as nobody steps back here
 * while somebody goes elsewhere: what is opened next uses it again, the page that is gone to takes its place, and a Back from it
 * leads to where it would have led without it.
 */

/** What is open, the last one on top. */
const open: HTMLDialogElement[] = [];
const isOurs = (): boolean => (history.state as { over?: boolean } | null)?.over === true;
/** The page over which the history's step lies, null if it is a page's own; a reload, or somebody who comes back, may begin at one. */
let over = whereOver();

addEventListener("popstate", stepped);

function whereOver(): string | null {
  return isOurs() ? location.pathname : null;
}

function stepped(): void {
  const before = over;
  over = whereOver();
  // Only a step from what lies over a page to the page itself is Back's; whoever goes farther goes there.
  if (before === null || over !== null || before !== location.pathname) return;
  const top = topmost();
  if (!top) return history.back();
  // Whoever shows it is told at once, as by Escape: the browser's own `close` comes later than what is pressed next.
  if (top.dispatchEvent(new Event("cancel", { cancelable: true }))) top.close();
  if (open.length > 0) stepOn();
}

/** What is open on top is no longer; what went with its part of the page is not counted. */
function topmost(): HTMLDialogElement | undefined {
  let top = open.pop();
  while (top && !top.isConnected) top = open.pop();
  return top;
}

function stepOn(): void {
  if (!isOurs()) history.pushState({ over: true }, "");
  over = location.pathname;
}

/** Show a dialog over the page. */
export function showOver(dialog: HTMLDialogElement): void {
  if (dialog.open) return;
  dialog.showModal();
  stepOn();
  leave(dialog); // it may have been closed just now, and not have said so yet
  open.push(dialog);
  dialog.addEventListener("close", closed);
}

function closed({ target }: Event): void {
  if (target instanceof HTMLDialogElement && !target.open) leave(target);
}

function leave(dialog: HTMLDialogElement): void {
  if (open.includes(dialog)) open.splice(open.indexOf(dialog), 1);
}

/** Go to another address of these pages. */
export function goTo(address: string): void {
  if (isOurs()) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  over = null;
}
