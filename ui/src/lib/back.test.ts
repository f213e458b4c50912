import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { showOver } from "./back";

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

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

test("Back closes what lies on top, one after the other, and what is closed otherwise leaves no step behind", async () => {
  history.pushState(null, "", "/work");
  history.pushState(null, "", "/work/runs/a");
  const [sheet, letter] = [document.createElement("dialog"), document.createElement("dialog")];
  showOver(sheet);
  showOver(letter);
  history.back();
  await vi.waitFor(() => expect(letter.open).toBe(false));
  expect(sheet.open).toBe(true);
  sheet.close();
  showOver(letter);
  letter.close();
  await settled();
  expect(location.pathname).toBe("/work/runs/a");
  history.back();
  await vi.waitFor(() => expect(location.pathname).toBe("/work"));
});

test("a page that was gone to from what lies over this one stays, and Back leads to this one", async () => {
  history.pushState(null, "", "/work/history");
  const letter = document.createElement("dialog");
  showOver(letter);
  history.pushState(null, "", "/work/messages");
  letter.close();
  await settled();
  expect(location.pathname).toBe("/work/messages");
  history.back();
  await settled();
  expect(location.pathname).toBe("/work/history");
  history.back();
  await vi.waitFor(() => expect(location.pathname).toBe("/work"));
});
