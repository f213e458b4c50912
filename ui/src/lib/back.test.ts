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

test("Back closes what lies on top, one after the other, and what is closed otherwise leaves no step behind", async () => {
  history.pushState(null, "", "/work/runs/a");
  const [sheet, letter] = [document.createElement("dialog"), document.createElement("dialog")];
  showOver(sheet);
  showOver(letter);
  history.back();
  await vi.waitFor(() => expect(letter.open).toBe(false));
  expect(sheet.open).toBe(true);
  sheet.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(location.pathname).toBe("/work/runs/a");
  history.back();
  await vi.waitFor(() => expect(location.pathname).not.toBe("/work/runs/a"));
});

test("a page that was gone to from what lies over this one is not gone back from", async () => {
  history.pushState(null, "", "/work/history");
  const letter = document.createElement("dialog");
  showOver(letter);
  history.pushState(null, "", "/work/messages");
  letter.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(location.pathname).toBe("/work/messages");
});
