/** The requester's routes of docs/http-api.md. */

import { get, post, Refused, remove, type Options } from "../lib/api";
import type { ItemView, PreviewView, RunState, RunSummary, RunView, Texts, Time, WorkerView } from "../lib/records";
import { place } from "./navigation.svelte";
import { paths } from "./route";

export interface ItemQuery {
  offset: number;
  limit: number;
  order: string;
  search: string;
  flag: string;
}

export const signIn = (secret: string) => post<unknown>("/api/session", { secret });
export const signOut = () => remove<unknown>("/api/session");

export const fetchRuns = (options?: Options) => guarded(get<{ runs: RunSummary[] }>("/api/runs", options)).then((reply) => reply.runs);

/** One run; with `after`, the reply waits until the run's version is larger, `wait` seconds at most. */
export function fetchRun(run: string, { after, wait, signal }: { after?: number; wait?: number; signal?: AbortSignal } = {}): Promise<RunView> {
  const query = after === undefined ? "" : `?${new URLSearchParams({ after: String(after), wait: String(wait ?? 0) })}`;
  return guarded(get<RunView>(at(run) + query, { signal }));
}

export const setState = (run: string, state: RunState) => guarded(post<unknown>(`${at(run)}/state`, { state }));

export const fetchWorkers = (run: string, options?: Options) =>
  guarded(get<{ workers: WorkerView[] }>(`${at(run)}/workers`, options)).then((reply) => reply.workers);

export const restrict = (run: string, worker: string, until: Time, reason: Texts) =>
  guarded(post<unknown>(`${at(run)}/workers/${encodeURIComponent(worker)}/restrict`, { until, reason }));

export const allow = (run: string, worker: string) => guarded(post<unknown>(`${at(run)}/workers/${encodeURIComponent(worker)}/allow`));

export function fetchItems(run: string, query: ItemQuery, options?: Options): Promise<{ total: number; items: ItemView[] }> {
  const asked = Object.entries(query).filter(([, value]) => value !== "");
  return guarded(get(`${at(run)}/items?${new URLSearchParams(asked.map(([name, value]) => [name, String(value)]))}`, options));
}

export const fetchItem = (run: string, key: string, options?: Options) =>
  guarded(get<ItemView>(`${at(run)}/items/${encodeURIComponent(key)}`, options));

export const fetchRunPreview = (run: string, options?: Options) => guarded(get<PreviewView>(`${at(run)}/preview`, options));

export const fetchPreview = (preview: string, options?: Options) =>
  guarded(get<PreviewView>(`/api/previews/${encodeURIComponent(preview)}`, options));

export const isAborted = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";

/** Whether the server answered and will answer the same again. */
export const isRefusal = (error: unknown): error is Refused => error instanceof Refused && !error.passing;

const at = (run: string): string => `/api/runs/${encodeURIComponent(run)}`;

/** Go to the sign-in page where the server no longer knows the reader, and come back afterwards. */
async function guarded<Reply>(reply: Promise<Reply>): Promise<Reply> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof Refused && error.status === 401 && place.route.screen !== "login") {
      place.go(`${paths.login}?next=${encodeURIComponent(location.pathname + location.search)}`, { replace: true });
    }
    throw error;
  }
}
