/** What lies over a page is closed by the browser's Back, as people with phones expect, and the page stays. */

/** What is open, the last one on top. */
const open: HTMLDialogElement[] = [];
/** Steps back that are made here, because something was closed in another way. */
let own = 0;

function goneBack(): void {
  if (own > 0) own -= 1;
  else open.pop()?.close();
}

/** Show a dialog over the page. */
export function showOver(dialog: HTMLDialogElement): void {
  if (dialog.open) return;
  dialog.showModal();
  // The same listener is added once, however often it is.
  addEventListener("popstate", goneBack);
  open.push(dialog);
  history.pushState(null, "");
  dialog.addEventListener("close", () => closed(dialog), { once: true });
}

function closed(dialog: HTMLDialogElement): void {
  const place = open.indexOf(dialog);
  if (place < 0) return;
  open.splice(place, 1);
  own += 1;
  history.back();
}
