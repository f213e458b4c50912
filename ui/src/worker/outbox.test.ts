import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Refused, Unreachable } from "../lib/api";
import type { Submitted } from "../lib/wire";
import { browserPost, Outbox, type Fate, type OutboxState } from "./outbox";
import { openStore, type Letter, type Shelf } from "./store";

const REPLY: Submitted = { state: "submitted", counted: true, earned: 0, pending: 24_000 };
const letter = (page: string, at = 1, worker = "anna"): Letter => ({ page, run: "r", worker, answers: [{ value: "dog" }], seconds: 17, at });

/** A server that answers as the test says, and a clock that moves when the test says. */
class World {
  sent: string[] = [];
  delays: number[] = [];
  answer: (letter: Letter) => Submitted | Error = () => REPLY;
  fates: Fate[] = [];
  states: OutboxState[] = [];
  waiting = 0;
  #due: (() => void) | undefined;

  open(shelf: Shelf<Letter>): Outbox {
    const outbox = new Outbox(shelf, {
      send: async (letter) => {
        this.sent.push(letter.page);
        const answer = this.answer(letter);
        if (answer instanceof Error) throw answer;
        return answer;
      },
      later: (act, delay) => {
        this.delays.push(delay);
        this.#due = act;
        return () => (this.#due = undefined);
      },
      alone: (act) => act(),
    });
    outbox.onfate = (fate) => this.fates.push(fate);
    outbox.onchange = (waiting, state) => {
      this.waiting = waiting;
      this.states.push(state);
    };
    return outbox;
  }

  /** Let the time pass for which the outbox waits. */
  async pass(outbox: Outbox): Promise<void> {
    this.#due?.();
    await outbox.flush();
  }
}

let world: World;
let shelf: Shelf<Letter>;

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  world = new World();
  shelf = (await openStore()).letters;
});

async function started(): Promise<Outbox> {
  const outbox = world.open(shelf);
  await outbox.start("anna");
  return outbox;
}

async function send(outbox: Outbox, ...letters: Letter[]): Promise<void> {
  for (const one of letters) await outbox.add(one);
  await outbox.flush();
}

describe("answers", () => {
  it("are sent once and forgotten when the server has them", async () => {
    const outbox = await started();
    await send(outbox, letter("p1"));
    expect(world.sent).toEqual(["p1"]);
    expect(world.fates).toMatchObject([{ kind: "delivered", reply: REPLY }]);
    expect(await shelf.all()).toEqual([]);
    expect(world.states.at(-1)).toBe("idle");
  });

  it("are sent oldest first", async () => {
    await shelf.put(letter("second", 2));
    await shelf.put(letter("first", 1));
    await started();
    expect(world.sent).toEqual(["first", "second"]);
  });

  it("wait for the network, longer each time, and are then sent", async () => {
    const outbox = await started();
    world.answer = () => new Unreachable(null);
    await send(outbox, letter("p1"));
    for (let attempt = 0; attempt < 7; attempt += 1) await world.pass(outbox);
    expect(world.states.at(-1)).toBe("offline");
    expect(world.waiting).toBe(1);
    expect(world.delays[0]).toBe(1000);
    expect(world.delays.every((delay, index) => index === 0 || delay >= world.delays[index - 1]!)).toBe(true);
    expect(Math.max(...world.delays)).toBe(30_000);

    world.answer = () => REPLY;
    await world.pass(outbox);
    expect(world.fates).toHaveLength(1);
    expect(await shelf.all()).toEqual([]);
  });

  it("are tried once where the server is there again and answers alone are refused, and then by the pauses, which grow", async () => {
    const outbox = await started();
    world.answer = () => new Unreachable(null);
    await send(outbox, letter("p1"));
    const before = world.sent.length;
    for (let look = 0; look < 5; look += 1) await outbox.back();
    expect(world.sent).toHaveLength(before + 1);

    // Once something went through, whoever is lost anew is sent to at once anew.
    world.answer = () => REPLY;
    await world.pass(outbox);
    world.answer = () => new Unreachable(null);
    await send(outbox, letter("p2"));
    const again = world.sent.length;
    await outbox.back();
    expect(world.sent).toHaveLength(again + 1);
  });

  it.each([
    [500, "internal"],
    [503, "overloaded"],
    [429, "overloaded"],
    [503, "task_unreadable"],
  ])("are sent again after the answer %i %s", async (status, code) => {
    const outbox = await started();
    world.answer = () => new Refused(status, code, "later");
    await send(outbox, letter("p1"));
    expect(await shelf.all()).toHaveLength(1);
    world.answer = () => REPLY;
    await world.pass(outbox);
    expect(world.fates).toMatchObject([{ kind: "delivered" }]);
  });

  it("are given up when the server says that it will never take them, and those behind them are sent", async () => {
    const outbox = await started();
    world.answer = (one) => (one.page === "p1" ? new Refused(409, "lease_expired", "too late") : REPLY);
    await send(outbox, letter("p1", 1), letter("p2", 2));
    expect(world.fates.map((fate) => [fate.letter.page, fate.kind])).toEqual([
      ["p1", "refused"],
      ["p2", "delivered"],
    ]);
    expect(await shelf.all()).toEqual([]);
  });

  it("are kept without being sent again and again while the worker is signed out", async () => {
    const outbox = await started();
    world.answer = () => new Refused(401, "unauthorised", "who are you");
    await send(outbox, letter("p1"));
    expect(world.states.at(-1)).toBe("signed_out");
    expect(world.delays).toEqual([]);
    world.answer = () => REPLY;
    await outbox.start("anna");
    expect(world.fates).toMatchObject([{ kind: "delivered" }]);
  });

  it("are kept while the account is closed, which may be opened again", async () => {
    const outbox = await started();
    world.answer = () => new Refused(403, "shut_out", "closed");
    await send(outbox, letter("p1"));
    expect([world.states.at(-1), world.waiting, world.fates]).toEqual(["closed", 1, []]);
  });

  it("survive the tab and are sent by the next one", async () => {
    world.answer = () => new Unreachable(null);
    await send(await started(), letter("p1"));
    world.answer = () => REPLY;
    const next = world.open((await openStore()).letters);
    await next.start("anna");
    expect(world.fates).toMatchObject([{ kind: "delivered", letter: { page: "p1" } }]);
  });

  it("of another worker of this device wait for that worker", async () => {
    await shelf.put(letter("hers", 1, "vera"));
    await send(await started(), letter("mine"));
    expect(world.sent).toEqual(["mine"]);
    expect((await shelf.all()).map((one) => one.page)).toEqual(["hers"]);
  });
});

it("a letter that another tab has just missed is sent after that tab", async () => {
  let busy: Promise<unknown> | null = null;
  // As browsers do: who asks waits, or asks for what is free now only.
  const request = (_: string, ...given: unknown[]): Promise<unknown> => {
    const act = given.pop() as (lock: object | null) => Promise<unknown>;
    if (busy && given.length > 0) return act(null);
    return (busy = (busy ?? Promise.resolve()).then(() => act({})));
  };
  vi.stubGlobal("navigator", { locks: { request } });
  const post = browserPost(async () => REPLY);
  let end = (): void => undefined;
  const first = post.alone(() => new Promise((resolve) => (end = resolve)));
  await Promise.resolve();
  const sent = vi.fn(async () => undefined);
  const second = post.alone(sent);
  end();
  await Promise.all([first, second]);
  expect(sent).toHaveBeenCalledOnce();
});
