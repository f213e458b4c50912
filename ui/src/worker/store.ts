/** What this device keeps until the server has it: drafts of pages, and answers on their way. */

import type { Answer } from "../lib/answers";
import { storageName } from "../lib/root";
import type { Page, RunTask, TrainingStanding, Values } from "../lib/wire";

/** What a worker has answered of a page so far. */
export interface Draft {
  page: string;
  answers: Answer[];
  /** What there is of answers that are not finished, per item and by output. */
  drafts: Values[];
  /** Names of the inputs played to their end, per item. */
  played: string[][];
  /** When its page first came on the screen, in milliseconds: signing out forgets the page, and not its time. */
  shown: number;
  /** When it was last changed, in milliseconds. */
  at: number;
}

/** The answers to a page, on their way to the server. */
export interface Letter {
  page: string;
  run: string;
  worker: string;
  answers: Answer[];
  /** How long the page was on the screen. */
  seconds: number;
  /** The page whose answers, sent before, these take the place of. */
  mends?: string;
  /** When it was written, in milliseconds: letters are sent in this order. */
  at: number;
}

/** The answer to an item of a training, on its way to the server; `page` is its name: a worker has one at a time in a run. */
export interface Lesson {
  page: string;
  run: string;
  worker: string;
  /** Of the try, and of the item in it. */
  number: number;
  place: number;
  answer: Values;
  /** When it was given, in milliseconds. */
  at: number;
}

/** A training as it stands on the screen, with all that is needed to go on with it without the server; `page` is its name. */
export interface Try {
  page: string;
  task: RunTask;
  standing: TrainingStanding;
  /** The item on the screen, and what is answered to it so far. */
  place: number;
  given: Values;
  at: number;
}

/** A page that the worker holds, with all that is needed to show it without the server. */
export interface Held {
  page: string;
  run: string;
  worker: string;
  content: Page;
  task: RunTask;
  /** When its time runs out, in milliseconds; null while it waits for its turn. */
  until: number | null;
  /** When it first came on the screen, in milliseconds; null while it waits for its turn. */
  shown: number | null;
  at: number;
}

/** A file that is an answer, until the server has it; `page` is its name. */
export interface KeptFile {
  page: string;
  file: Blob;
  at: number;
}

export interface Shelf<Kept extends { page: string; at: number }> {
  get(page: string): Promise<Kept | undefined>;
  all(): Promise<Kept[]>;
  put(kept: Kept): Promise<void>;
  remove(page: string): Promise<void>;
}

export interface Store {
  drafts: Shelf<Draft>;
  letters: Shelf<Letter>;
  lessons: Shelf<Lesson>;
  tries: Shelf<Try>;
  pages: Shelf<Held>;
  files: Shelf<KeptFile>;
}

const SHELVES = ["drafts", "letters", "lessons", "tries", "pages", "files"];
const VERSION = 5;

const WEEK = 7 * 24 * 3600 * 1000;

/** Open this device's store; a browser that refuses gets one that lasts as long as the tab. */
export async function openStore(name = storageName("dataforge")): Promise<Store> {
  try {
    const database = await open(name);
    // A tab with a newer version must not wait for this one.
    database.onversionchange = () => database.close();
    const store = { drafts: shelf<Draft>(database, "drafts"), letters: shelf<Letter>(database, "letters"), lessons: shelf<Lesson>(database, "lessons"), tries: shelf<Try>(database, "tries"), pages: shelf<Held>(database, "pages"), files: shelf<KeptFile>(database, "files") };
    await Promise.all([store.drafts, store.tries, store.pages, store.files].map((shelf) => forget(shelf, Date.now() - WEEK)));
    return store;
  } catch {
    return { drafts: memory<Draft>(), letters: memory<Letter>(), lessons: memory<Lesson>(), tries: memory<Try>(), pages: memory<Held>(), files: memory<KeptFile>() };
  }
}

/** Pages that were never sent, their drafts, and tries of a training are of no use once their time is long over. */
async function forget(shelf: { all(): Promise<{ page: string; at: number }[]>; remove(page: string): Promise<void> }, before: number): Promise<void> {
  for (const kept of await shelf.all()) if (kept.at < before) await shelf.remove(kept.page);
}

function open(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, VERSION);
  request.onupgradeneeded = () => {
    const database = request.result;
    for (const shelf of SHELVES) if (!database.objectStoreNames.contains(shelf)) database.createObjectStore(shelf, { keyPath: "page" });
  };
  return done(request);
}

function shelf<Kept extends { page: string; at: number }>(database: IDBDatabase, name: string): Shelf<Kept> {
  const write = async (act: (shelf: IDBObjectStore) => unknown): Promise<void> => {
    // Strict: what is told to be kept is on the disk, not in a cache of the system.
    const transaction = database.transaction(name, "readwrite", { durability: "strict" });
    const finished = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("the browser did not keep it"));
    });
    act(transaction.objectStore(name));
    // Without this a tab that closes right now would abort it.
    transaction.commit();
    await finished;
  };
  const read = <Result>(ask: (shelf: IDBObjectStore) => IDBRequest<Result>) => done(ask(database.transaction(name).objectStore(name)));
  return {
    get: (page) => read<Kept | undefined>((all) => all.get(page)),
    all: async () => (await read<Kept[]>((all) => all.getAll())).sort((one, other) => one.at - other.at),
    put: (kept) => write((all) => all.put(kept)),
    remove: (page) => write((all) => all.delete(page)),
  };
}

function done<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser's storage failed"));
  });
}

function memory<Kept extends { page: string; at: number }>(): Shelf<Kept> {
  const kept = new Map<string, Kept>();
  return {
    get: async (page) => kept.get(page),
    all: async () => [...kept.values()].sort((one, other) => one.at - other.at),
    put: async (one) => void kept.set(one.page, one),
    remove: async (page) => void kept.delete(page),
  };
}
