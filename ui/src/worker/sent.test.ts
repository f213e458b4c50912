import { describe, expect, test } from "vitest";
import type { Page, RunTask } from "../lib/wire";
import { SentPages, type Sent } from "./sent";

const page = (name: string): Page => ({ page: name, items: [] }) as unknown as Page;
const sent = (name: string): Sent => ({ page: page(name), task: {} as RunTask, filled: { answers: [], drafts: [], played: [], shown: 0 } as unknown as Sent["filled"] });

describe("pages that were sent", () => {
  test("are gone back to from the last one on, and come forward in the order in which they were left", () => {
    const pages = new SentPages();
    for (const name of ["a", "b"]) pages.put(sent(name));
    expect(pages.take()?.page.page).toBe("b");
    pages.leave({ page: page("c"), task: {} as RunTask, draft: undefined, media: [] });
    expect(pages.take()?.page.page).toBe("a");
    pages.leave({ page: page("b"), task: {} as RunTask, draft: undefined, media: [] });
    expect([pages.any, pages.take()]).toEqual([false, undefined]);
    expect([pages.next(), pages.next(), pages.next()].map((one) => one?.page.page)).toEqual(["b", "c", undefined]);
  });

  test("that the device could not keep are not gone back to", () => {
    const pages = new SentPages();
    const [first, second] = [sent("a"), sent("b")];
    pages.put(first);
    pages.put(second);
    pages.forget(second.page);
    expect(pages.take()).toBe(first);
    expect(pages.any).toBe(false);
  });

  test("are the last two hundred at most", () => {
    const pages = new SentPages();
    for (let number = 0; number < 201; number++) pages.put(sent(String(number)));
    const names: string[] = [];
    for (let one = pages.take(); one; one = pages.take()) names.push(one.page.page);
    expect([names.length, names.at(-1)]).toEqual([200, "1"]);
  });
});
