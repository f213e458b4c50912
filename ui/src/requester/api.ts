/** The requester's routes. */

import { call, download, Refused, type Options } from "../lib/api";
import { within } from "../lib/root";
import type { AskedOfWorkers, InvitationOrder, ItemList, NewCorrections, NewItems, NewPayments, NewSample, NewTerms, PersonalInvitations, PriceKnobs, RunView, State, Texts, Time, WorkerList } from "../lib/wire";
import { place } from "./navigation.svelte";
import { paths } from "./route";

export interface ItemQuery {
  offset: number;
  limit: number;
  order: string;
  search: string;
  flag: string;
  /** 1: control items only, 0: none of them, undefined: all items. */
  control: 0 | 1 | undefined;
  /** What items are answered with, as JSON; empty for anything. */
  answer: string;
  /** Who answered; empty for anybody. */
  worker: string;
  /** From what to what the confidence is to be, as "0.5-0.8"; empty for any. */
  confidence: string;
  /** How many answers there are to be, as "2-3"; empty for any number. */
  overlap: string;
}

export type Correction = NewCorrections["corrections"][number];

export interface WorkerQuery {
  offset: number;
  limit: number;
  order: string;
  /** 1 for the largest first. */
  down: 0 | 1;
}

export const signIn = (secret: string) => call("POST /api/session", { body: { secret } });
export const signOut = () => call("DELETE /api/session");

export const fetchRuns = (options?: Options) => guarded(call("GET /api/runs", options)).then((reply) => reply.runs);

export const fetchPipelines = (options?: Options) => guarded(call("GET /api/pipelines", options)).then((reply) => reply.pipelines);

export const fetchLoops = (options?: Options) => guarded(call("GET /api/loops", options)).then((reply) => reply.loops);

export const fetchLoop = (loop: string, options?: Options) => guarded(call("GET /api/loops/{loop}", { path: { loop }, ...options }));

export const fetchPipeline = (pipeline: string, options?: Options) => guarded(call("GET /api/pipelines/{pipeline}", { path: { pipeline }, ...options }));

export const stopPipeline = (pipeline: string) => guarded(call("POST /api/pipelines/{pipeline}/stop", { path: { pipeline } }));

export const goOnPipeline = (pipeline: string) => guarded(call("POST /api/pipelines/{pipeline}/go-on", { path: { pipeline } }));

/** One run; with `after`, the reply waits until the run's version is larger, `wait` seconds at most. */
export function fetchRun(run: string, { after, wait = 0, signal }: { after?: number; wait?: number; signal?: AbortSignal } = {}): Promise<RunView> {
  return guarded(call("GET /api/runs/{run}", { path: { run }, query: after === undefined ? {} : { after, wait }, signal }));
}

export const setState = (run: string, state: State) => guarded(call("POST /api/runs/{run}/state", { path: { run }, body: { state } }));

export const reopenRun = (run: string) => guarded(call("POST /api/runs/{run}/reopen", { path: { run } }));

/** Add rows, all or none; those that the run knows are left out: one without a name has that of what it says. */
export const addItems = (run: string, rows: Partial<NewItems>) => guarded(call("POST /api/runs/{run}/items", { path: { run }, body: { items: [], control: [], by_content: true, ...rows } }));

/** The reference under which the server keeps a file. */
export const storeFile = (file: Blob, extension: string) => guarded(call("POST /api/uploads", { query: { extension }, body: file })).then((reply) => reply.media);

/** The table in a spreadsheet, as the text of a table. */
export const readSpreadsheet = (file: Blob) => guarded(call("POST /api/tables", { body: file })).then((reply) => reply.text);

export const fetchTerms = (run: string) => guarded(call("GET /api/runs/{run}/terms", { path: { run } }));

export const changeTerms = (run: string, terms: NewTerms) => guarded(call("POST /api/runs/{run}/terms", { path: { run }, body: terms }));

export const fetchContents = (run: string) => guarded(call("GET /api/runs/{run}/contents", { path: { run } }));

export const renameRun = (run: string, name: string) => guarded(call("POST /api/runs/{run}/name", { path: { run }, body: { name } }));

export const deleteRun = (run: string) => guarded(call("DELETE /api/runs/{run}", { path: { run } }));

export const forget = (worker: string) => guarded(call("DELETE /api/workers/{worker}", { path: { worker } }));

export const fetchWorkers = (run: string, query: WorkerQuery, options?: Options): Promise<WorkerList> =>
  guarded(call("GET /api/runs/{run}/workers", { path: { run }, query: { ...query }, ...options }));

export const restrict = (run: string, worker: string, until: Time, reason: Texts) =>
  guarded(call("POST /api/runs/{run}/workers/{worker}/restrict", { path: { run, worker }, body: { until, reason } }));

export const allow = (run: string, worker: string) => guarded(call("POST /api/runs/{run}/workers/{worker}/allow", { path: { run, worker } }));

/** Say this by hand, all or nothing; refused where something else was said of the same items after the so many-th correction. */
export const correct = (run: string, corrections: readonly Correction[], after?: number) =>
  guarded(call("POST /api/runs/{run}/corrections", { path: { run }, body: { corrections: [...corrections], after } }));

export const fetchCorrections = (run: string, after: number, options?: Options) =>
  guarded(call("GET /api/runs/{run}/corrections", { path: { run }, query: { after }, ...options }));

export const fetchKnown = (run: string, key: string, options?: Options) =>
  guarded(call("GET /api/runs/{run}/known/{key}", { path: { run, key }, ...options }));

export interface PeopleQuery {
  offset: number;
  limit: number;
  order: string;
  down: 0 | 1;
  search: string;
  state: string;
  label: string;
}

export const fetchPeople = (query: PeopleQuery, options?: Options) => guarded(call("GET /api/workers", { query: { ...query }, ...options }));

export const fetchPerson = (worker: string, options?: Options) => guarded(call("GET /api/workers/{worker}", { path: { worker }, ...options }));

/** Pages of a worker, the newest first; `before` is the `next` of the part before. */
export const fetchPersonPages = (worker: string, run: string, before: number | null, options?: Options) =>
  guarded(call("GET /api/workers/{worker}/pages", { path: { worker }, query: { limit: 20, ...(run ? { run } : {}), ...(before === null ? {} : { before }) }, ...options }));

export const writeNote = (worker: string, note: string) => guarded(call("POST /api/workers/{worker}/note", { path: { worker }, body: { note } }));

export const signWorkerOut = (worker: string) => guarded(call("DELETE /api/workers/{worker}/sessions", { path: { worker } }));

export const fetchInvitations = (offset: number, limit: number, options?: Options) => guarded(call("GET /api/invitations", { query: { offset, limit }, ...options }));

export const invite = (order: InvitationOrder) => guarded(call("POST /api/invitations", { body: order }));

export const invitePeople = (order: PersonalInvitations) => guarded(call("POST /api/invitations/people", { body: order }));

export const revokeInvitation = (invitation: string) => guarded(call("DELETE /api/invitations/{invitation}", { path: { invitation } }));

export const fetchPayouts = (offset: number, limit: number, options?: Options) => guarded(call("GET /api/payouts", { query: { offset, limit }, ...options }));

export const fetchMoney = (run: string, offset: number, limit: number, options?: Options) => guarded(call("GET /api/runs/{run}/money", { path: { run }, query: { offset, limit }, ...options }));

/** Note what was paid, all or nothing; under the same key it is done once. */
export const notePaid = (key: string, payments: NewPayments["payments"]) => guarded(call("POST /api/payouts", { body: { key, payments } }));

export const fetchSkills = (worker: string) => guarded(call("GET /api/workers/{worker}/skills", { path: { worker } }));

/** Give a worker a skill, or, with null, take it. */
export const giveSkill = (worker: string, name: string, value: number | null) =>
  guarded(call("POST /api/workers/{worker}/skills", { path: { worker }, body: { name, value } }));

/** How many workers pass what a run asks of them. */
export const fetchPassing = (run: string) => guarded(call("GET /api/runs/{run}/filters", { path: { run } }));

/** How many workers would pass what a run is to ask of them. */
export const countPassing = (workers: AskedOfWorkers | null, languages: string[]) => guarded(call("POST /api/filters", { body: { workers, languages } }));

/** What follows from how the knobs of the price form stand. */
export const workOutPrices = (knobs: PriceKnobs) => guarded(call("POST /api/prices", { body: knobs }));

export const renewLink = (worker: string) => guarded(call("POST /api/workers/{worker}/link", { path: { worker } }));

export const revokeLink = (worker: string) => guarded(call("DELETE /api/workers/{worker}/link", { path: { worker } }));

export const fetchItems = (run: string, query: ItemQuery, options?: Options): Promise<ItemList> =>
  guarded(call("GET /api/runs/{run}/items", { path: { run }, query: { ...query }, ...options }));

export const fetchItem = (run: string, key: string, options?: Options) =>
  guarded(call("GET /api/runs/{run}/items/{key}", { path: { run, key }, ...options }));

/** How many appeals are open, and messages wait for an answer. */
export const fetchInbox = (options?: Options) => guarded(call("GET /api/inbox", options));

export const fetchAppeals = (query: { state: string; run?: string; offset: number; limit: number }, options?: Options) =>
  guarded(call("GET /api/appeals", { query, ...options }));

export const fetchAppeal = (run: string, page: string, options?: Options) =>
  guarded(call("GET /api/runs/{run}/appeals/{page}", { path: { run, page }, ...options }));

export const decideAppeal = (run: string, page: string, upheld: boolean, reply: string) =>
  guarded(call("POST /api/runs/{run}/appeals/{page}", { path: { run, page }, body: { upheld, reply } }));

export const fetchMessages = (query: { state: string; offset: number; limit: number }, options?: Options) => guarded(call("GET /api/messages", { query, ...options }));

export const replyTo = (message: number, text: string) =>
  guarded(call("POST /api/messages/{message}/reply", { path: { message: String(message) }, body: { text } }));

export const fetchRunPreview = (run: string, options?: Options) => guarded(call("GET /api/runs/{run}/preview", { path: { run }, ...options }));

export const fetchPreview = (preview: string, options?: Options) =>
  guarded(call("GET /api/previews/{preview}", { path: { preview }, ...options }));

export const fetchCertificate = (run: string, options?: Options) =>
  guarded(call("GET /api/runs/{run}/certificate", { path: { run }, ...options }));

/** A table of the run's results as a file. */
export const fetchResults = (run: string, file: string, signal: AbortSignal): Promise<File> =>
  guarded(download("/api/runs/{run}/results/{file}", { run, file }, signal));

/** What experts said in a trial, or what follows from it, as a file. */
export const fetchFeedback = (run: string, file: string, signal: AbortSignal): Promise<File> =>
  guarded(download("/api/runs/{run}/feedback/{file}", { run, file }, signal));

/** Have experts judge a sample of a run's answers, or go on with it. */
export const verifySample = (run: string, body: NewSample) => guarded(call("POST /api/runs/{run}/verify", { path: { run }, body }));

export const isAborted = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";

/** Whether the server answered and will answer the same again. */
export const isRefusal = (error: unknown): error is Refused => error instanceof Refused && !error.passing;

/** Go to the sign-in page where the server no longer knows the reader, and come back afterwards. */
async function guarded<Reply>(reply: Promise<Reply>): Promise<Reply> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof Refused && error.status === 401 && place.route.screen !== "login") {
      place.go(`${paths.login}?next=${encodeURIComponent(within(location.pathname) + location.search)}`, { replace: true });
    }
    throw error;
  }
}
