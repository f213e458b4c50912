/** Who works here: the worker's account, this device's store, and the outbox. */

import { Refused } from "../lib/api";
import { contact } from "../lib/contact.svelte";
import { language } from "../lib/language.svelte";
import { recall, remember } from "../lib/memory";
import type { Me, Submitted, TrainingStanding } from "../lib/wire";
import { languages } from "./messages";
import { filesOf, sendFiles } from "./files";
import { browserPost, Outbox, type Fate, type OutboxState } from "./outbox";
import * as server from "./server";
import { openStore, type Held, type Lesson, type Letter, type Store } from "./store";
import { joinTabs, type TabMessage } from "./tabs";
import { post, sendWaiting, unsent, type Mail, type Sent } from "./unsent";

/** `unknown`: not asked yet. `out`: nobody is signed in here. `closed`: the account is. `offline`: the server did not answer. */
export type Presence = "unknown" | "in" | "out" | "closed" | "offline";

/** Pages that are answered and not yet sent, and whether one is begun. */
export interface Unfinished {
  waiting: number;
  begun: boolean;
  /** The personal link was neither copied on this device nor opened on it: perhaps nobody has it. */
  unlinked: boolean;
}

/** The worker's account as this device last saw it, so that work can go on without the server. */
const LAST_SEEN = "me";
const MAIL_RETRY = 15_000;
/** So old, in milliseconds, is an answer that may have waited while another account signed in here. */
const OLD = 5_000;

/** Deliver as an account: if another one has signed in in another tab, what was written is not theirs and waits. */
const deliverAs = (worker: string) => async (mail: Mail): Promise<unknown> => {
  const here = await server.me();
  if (here.worker !== worker) throw new Error("another account is open in this browser");
  return server.deliver(mail);
};
const linkOf = (worker: string | undefined): string => `link:${worker}`;
/** The account has signed out here, and the server does not know yet. */
const LEAVING = "leaving";

/** What was sent before is mended: it counts as it did, and earns nothing. */
async function mended(letter: Letter, page: string): Promise<Submitted> {
  await server.mend(letter.run, page, letter);
  return { state: "submitted", counted: true, earned: 0, pending: 0 };
}

class Session {
  presence = $state<Presence>("unknown");
  me = $state.raw<Me | null>(null);
  /** Whether `me` is what this device remembers, because the server could not be asked yet. */
  remembered = $state(false);
  waiting = $state(0);
  /** Letters of other accounts on this device: they wait for those. */
  strange = $state(0);
  outboxState = $state<OutboxState>("idle");
  /** How it goes with an answer in a training. */
  lessonState = $state<OutboxState>("idle");
  /** What share of a letter's files the server has, while they are sent. */
  sent = $state<number | null>(null);
  /** Answers that the server would not take, newest last, until the worker has read about them. */
  refused = $state.raw<Extract<Fate, { kind: "refused" }>[]>([]);
  /** What was written to somebody and waits for a connection. */
  unsent = $state.raw<Mail[]>([]);
  /** Refusals of what had waited, until the worker has read about them. */
  unwanted = $state.raw<Refused[]>([]);
  /** How many pages had been sent with other answers before, until the worker has read about them. */
  superseded = $state(0);

  store!: Store;
  outbox!: Outbox;
  lessons!: Outbox<Lesson, TrainingStanding>;
  readonly tab = crypto.getRandomValues(new Uint32Array(2)).join("-");
  readonly tabs = joinTabs((message) => this.#hear(message));
  /** Called when a letter's fate is known, or another tab says that it works on a run. */
  ondelivered: () => void = () => undefined;
  /** Called when the server has said how it took an answer in a training, here or, then null, in another tab. */
  onlesson: (fate: Fate<Lesson, TrainingStanding> | null) => void = () => undefined;
  onelsewhere: (run: string) => void = () => undefined;

  /** Open the store and find out who works here; where a stranger is likely, ask only if this device remembers somebody. */
  async start(stranger = false): Promise<void> {
    this.store = await openStore();
    this.outbox = new Outbox(this.store.letters, browserPost((letter) => this.#send(letter)));
    this.outbox.onchange = (waiting, state) => {
      this.waiting = waiting;
      this.outboxState = state;
      if (state === "signed_out") this.#gone("out");
      else if (state === "closed") this.#gone("closed");
    };
    this.outbox.onfate = (fate) => this.#settle(fate);
    this.lessons = new Outbox(this.store.lessons, browserPost((lesson) => this.#sendLesson(lesson), "dataforge-lessons"));
    this.lessons.onchange = (_, state) => {
      this.lessonState = state;
      if (state === "signed_out") this.#gone("out");
      else if (state === "closed") this.#gone("closed");
    };
    this.lessons.onfate = (fate) => {
      this.tabs.say({ kind: "lesson" });
      this.onlesson(fate);
    };
    addEventListener("online", () => void this.outbox.flush());
    addEventListener("online", () => void this.lessons.flush());
    addEventListener("online", () => this.unsure && void this.refresh());
    addEventListener("online", () => void this.sendUnsent());
    contact.onback = () => {
      void this.outbox.back();
      void this.lessons.back();
    };
    setInterval(() => this.unsent.length > 0 && void this.sendUnsent(), MAIL_RETRY);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void this.outbox.flush());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void this.lessons.flush());
    if (stranger && recall(LAST_SEEN) === null) this.presence = "out";
    else await this.refresh();
  }

  /** Send what was written to somebody, or keep it until there is a connection. */
  async write(mail: Mail): Promise<Sent> {
    const worker = this.me?.worker ?? "";
    const fate = await post(worker, mail, deliverAs(worker));
    this.unsent = unsent(worker);
    return fate;
  }

  /** Send what waits for a connection. */
  async sendUnsent(): Promise<void> {
    if (this.presence !== "in" || !this.me) return;
    const refused = await sendWaiting(this.me.worker, deliverAs(this.me.worker));
    this.unwanted = [...this.unwanted, ...refused];
    this.unsent = unsent(this.me.worker);
  }

  /** Send what a letter names, then the letter; its files are on the server then and need no room here. */
  async #send(letter: Letter): Promise<Submitted> {
    await sendFiles(letter, this.store.files, { state: server.fileState, piece: server.filePiece }, (share) => (this.sent = share)).finally(() => (this.sent = null));
    const reply = letter.mends === undefined ? await server.submit(letter) : await mended(letter, letter.mends);
    for (const [, media] of filesOf(letter.answers)) await this.store.files.remove(media).catch(() => undefined);
    return reply;
  }

  /** Send an answer in a training: the first one counts, whichever tab or try to send it arrives. */
  async #sendLesson(lesson: Lesson): Promise<TrainingStanding> {
    if (Date.now() - lesson.at > OLD && (await server.me()).worker !== lesson.worker) throw new Error("another account is open in this browser");
    return server.answerTraining(lesson.run, lesson.number, lesson.place, lesson.answer);
  }

  /** Whether the server is to be asked again who works here, or told who does no longer. */
  get unsure(): boolean {
    return this.presence === "offline" || this.remembered || recall(LEAVING) !== null;
  }

  /** Ask the server who works here. */
  async refresh(): Promise<void> {
    try {
      await this.finishLeaving();
      const me = await server.me();
      remember(LAST_SEEN, JSON.stringify(me));
      this.remembered = false;
      this.#welcome(me);
    } catch (error) {
      if (error instanceof Refused && !error.passing) this.#gone(error.code === "shut_out" ? "closed" : "out");
      else if (recall(LEAVING) !== null) this.#gone("out");
      else if (this.presence !== "in") this.#recall();
    }
  }

  /** Whether somebody came in another tab of this browser while nobody was here; they are here then. */
  async noticeWhoCame(): Promise<boolean> {
    if (this.presence !== "out" || recall(LAST_SEEN) === null) return false;
    await this.refresh();
    return (this.presence as Presence) === "in";
  }

  /** Take note of a refusal that says that the server does not know this device any more, or has closed the account. */
  noteRefusal(error: unknown): void {
    if (!(error instanceof Refused)) return;
    if (error.code === "shut_out") this.#gone("closed");
    else if (error.status === 401) this.#gone("out");
  }

  async speak(code: string): Promise<void> {
    await language.set(code);
    this.tabs.say({ kind: "language", code });
    if (this.presence === "in") this.me = await server.change({ language: code }).catch(() => this.me);
  }

  /** What the account that is here would leave undone on this device. */
  async unfinished(): Promise<Unfinished> {
    const begun = (one: Held) => one.worker === this.me?.worker && one.shown !== null && (one.until ?? 0) > Date.now();
    const unlinked = recall(linkOf(this.me?.worker)) === null;
    return { waiting: (await this.outbox.waiting()).length, begun: (await this.store.pages.all()).some(begun), unlinked };
  }

  /** Note that the worker has the personal link: it was copied or opened here. */
  noteLink(): void {
    if (this.me) remember(linkOf(this.me.worker), "yes");
  }

  /** Sign out: here at once, at the server as soon as it can be reached. */
  async leave(): Promise<void> {
    remember(LEAVING, "yes");
    await this.finishLeaving().catch(() => undefined);
    await this.forget();
  }

  /** Tell the server of a sign-out that it does not know of; raises if it cannot be reached. Whoever comes next waits for that. */
  async finishLeaving(): Promise<void> {
    if (recall(LEAVING) === null) return;
    await server.leave().catch((error) => {
      // A session that was ended from elsewhere needs no leaving.
      if (!(error instanceof Refused && (error.status === 401 || error.code === "shut_out"))) throw error;
    });
    remember(LEAVING, null);
  }

  /** Forget the account that was here; what is not yet sent stays on this device. */
  async forget(): Promise<void> {
    this.#gone("out");
    this.me = null;
    for (const held of await this.store.pages.all()) {
      await this.#keepTime(held).catch(() => undefined);
      await this.store.pages.remove(held.page);
    }
  }

  /** Keep since when a page is on the screen, whatever of it is answered: its worker may come back to it. */
  async #keepTime({ page, shown }: Held): Promise<void> {
    if (shown === null || (await this.store.drafts.get(page))) return;
    await this.store.drafts.put({ page, answers: [], drafts: [], played: [], shown, at: Date.now() });
  }

  #gone(presence: "out" | "closed"): void {
    remember(LAST_SEEN, null);
    this.remembered = false;
    this.presence = presence;
  }

  #recall(): void {
    const written = recall(LAST_SEEN);
    this.remembered = written !== null;
    if (written !== null) this.#welcome(JSON.parse(written) as Me);
    else this.presence = "offline";
  }

  #welcome(me: Me): void {
    const first = this.me?.worker !== me.worker;
    this.me = me;
    this.presence = "in";
    this.unsent = unsent(me.worker);
    void this.sendUnsent();
    if (first && languages.includes(me.language)) void language.set(me.language).catch(() => undefined);
    void this.store.letters.all().then((letters) => (this.strange = letters.filter((letter) => letter.worker !== me.worker).length));
    if (first || this.outboxState === "signed_out") void this.outbox.start(me.worker);
    if (first || this.lessonState === "signed_out") void this.lessons.start(me.worker);
  }

  #settle(fate: Fate): void {
    if (fate.kind === "refused") this.refused = [...this.refused, fate];
    else if (!fate.reply.counted) this.superseded += 1;
    this.tabs.say({ kind: "outbox" });
    this.ondelivered();
  }

  #hear(message: TabMessage): void {
    if (message.kind === "outbox") {
      void this.outbox.waiting().then((letters) => {
        this.waiting = letters.length;
        if (letters.length === 0) this.outboxState = "idle";
        this.ondelivered();
      });
    } else if (message.kind === "lesson") this.onlesson(null);
    else if (message.kind === "language") void language.set(message.code).catch(() => undefined);
    else if (message.tab !== this.tab) this.onelsewhere(message.run);
  }
}

export const session = new Session();
