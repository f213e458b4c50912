/** What lies over a page is closed by the browser's Back, as people with phones expect, and the page stays. */

/** What is open, the last one on top, and by which number the history knows it. */
const open: { dialog: HTMLDialogElement; step: number }[] = [];
let steps = 0;
/** Steps back that are made here, because something was closed in another way. */
let own = 0;

function goneBack(): void {
  if (own > 0) own -= 1;
  else open.pop()?.dialog.close();
}

/** Show a dialog over the page. */
export function showOver(dialog: HTMLDialogElement): void {
  if (dialog.open) return;
  dialog.showModal();
  // The same listener is added once, however often it is.
  addEventListener("popstate", goneBack);
  const step = (steps += 1);
  open.push({ dialog, step });
  history.pushState({ over: step }, "");
  dialog.addEventListener("close", () => closed(step), { once: true });
}

function closed(step: number): void {
  const place = open.findIndex((one) => one.step === step);
  if (place < 0) return;
  open.splice(place, 1);
  // What was done in it may have led to another page: that one stays.
  if ((history.state as { over?: number } | null)?.over !== step) return;
  own += 1;
  history.back();
}
