import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { goTo, showOver } from "./back";

const { showModal, close } = HTMLDialogElement.prototype;

beforeAll(() => {
  HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
    this.open = false;
    this.dispatchEvent(new Event("close"));
  };
});

afterAll(() => void Object.assign(HTMLDialogElement.prototype, { showModal, close }));

const settled = (ms = 150): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Go and say where that led; a step that is passed over is a second move, soon after the first. */
async function gone(by: number): Promise<string> {
  const moved = new Promise((resolve) => addEventListener("popstate", resolve, { once: true }));
  history.go(by);
  await Promise.race([moved, settled(5000)]);
  await settled();
  return location.pathname;
}

function dialog(): HTMLDialogElement {
  return document.body.appendChild(document.createElement("dialog"));
}

test("Back closes what lies on top, one after the other, and what is closed otherwise leaves no step behind", async () => {
  goTo("/work");
  goTo("/work/runs/a");
  const [sheet, letter] = [dialog(), dialog()];
  showOver(sheet);
  showOver(letter);
  history.back();
  await vi.waitFor(() => expect(letter.open).toBe(false), 20_000);
  expect(sheet.open).toBe(true);
  sheet.close();
  showOver(letter);
  letter.close();
  await settled();
  expect(location.pathname).toBe("/work/runs/a");
  expect(await gone(-1)).toBe("/work");
});

test("a page that was gone to from what lies over this one stays, and Back leads to this one", async () => {
  goTo("/work/history");
  const letter = dialog();
  showOver(letter);
  goTo("/work/messages");
  letter.close();
  await settled();
  expect(location.pathname).toBe("/work/messages");
  expect(await gone(-1)).toBe("/work/history");
  expect(await gone(-1)).toBe("/work");
});

test("however far somebody has gone since, Back and Forward lead over every page, once", async () => {
  goTo("/work");
  goTo("/work/runs/a");
  const sheet = dialog();
  showOver(sheet);
  sheet.close();
  goTo("/work/history");
  goTo("/work/messages");
  expect([await gone(-1), await gone(-1), await gone(-1)]).toEqual(["/work/history", "/work/runs/a", "/work"]);
  expect([await gone(1), await gone(1), await gone(1)]).toEqual(["/work/runs/a", "/work/history", "/work/messages"]);
  showOver(sheet);
  sheet.close();
  expect(await gone(-3), "two pages before this one, of which one step is the sheet's").toBe("/work/runs/a");
});

test("what went with its part of the page is not closed in place of going back", async () => {
  goTo("/work");
  goTo("/work/runs/a");
  const sheet = dialog();
  showOver(sheet);
  sheet.remove();
  expect(await gone(-1)).toBe("/work");
});

test("Back asks what lies on top to close as Escape does, so that whoever shows it may take it away at once", async () => {
  goTo("/work/runs/a");
  const sheet = dialog();
  sheet.addEventListener("cancel", (event) => (event.preventDefault(), sheet.remove()));
  const closed = vi.spyOn(sheet, "close");
  showOver(sheet);
  history.back();
  await vi.waitFor(() => expect(sheet.isConnected).toBe(false), 20_000);
  expect(closed).not.toHaveBeenCalled();
});

test("what is shown again before the browser has said that it was closed is closed by Back still", async () => {
  goTo("/work/runs/a");
  const sheet = dialog();
  showOver(sheet);
  sheet.open = false;
  showOver(sheet);
  sheet.dispatchEvent(new Event("close"));
  history.back();
  await vi.waitFor(() => expect(sheet.open).toBe(false), 20_000);
  await settled();
  expect(location.pathname).toBe("/work/runs/a");
});
