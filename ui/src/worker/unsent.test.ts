import { beforeEach, expect, it } from "vitest";
import { Refused } from "../lib/api";
import { post, sendWaiting, unsent, type Mail } from "./unsent";

const message = (text: string): Mail => ({ kind: "message", message: { run: "run", text, key: text } });
const offline = () => Promise.reject(new TypeError("Failed to fetch"));
const refusal = new Refused(422, "body_invalid", "too long", {});

beforeEach(() => localStorage.clear());

it("is sent at once where there is a connection, and nothing is kept", async () => {
  expect(await post("ann", message("one"), async () => undefined)).toEqual({ kind: "sent" });
  expect(unsent("ann")).toEqual([]);
});

it("waits without a connection, once however often it is tried, and goes in its order", async () => {
  for (const text of ["one", "two", "one"]) expect(await post("ann", message(text), offline)).toEqual({ kind: "waits" });
  expect(unsent("bob")).toEqual([]);
  const came: Mail[] = [];
  await sendWaiting("ann", async (mail) => void came.push(mail));
  expect(came).toEqual([message("two"), message("one")]);
  expect(unsent("ann")).toEqual([]);
});

it("stays when the connection is lost again in the middle", async () => {
  await post("ann", message("one"), offline);
  await post("ann", message("two"), offline);
  await sendWaiting("ann", (mail) => (JSON.stringify(mail) === JSON.stringify(message("one")) ? Promise.resolve() : offline()));
  expect(unsent("ann")).toEqual([message("two")]);
});

it("is kept no more where it is refused for good, which is told", async () => {
  await post("ann", message("one"), offline);
  expect(await sendWaiting("ann", () => Promise.reject(refusal))).toEqual([refusal]);
  expect(unsent("ann")).toEqual([]);
  expect(await post("ann", message("two"), () => Promise.reject(refusal))).toEqual({ kind: "refused", refusal });
  expect(unsent("ann")).toEqual([]);
});
