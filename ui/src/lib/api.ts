/** The HTTP client: a route of the description, what it takes and what it gives; errors say what kind they are. */

import { contact } from "./contact.svelte";
import { at } from "./root";
import type { Refusal, Routes } from "./wire";

/** The server said no. `code` is stable and is what pages translate; `message` is for the console. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "Refused";
  }

  /** Whether asking again soon can help: the server is overloaded or broken, not the request. */
  get passing(): boolean {
    // A package is missing on the server: somebody has to install it.
    if (this.code === "task_unreadable") return false;
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

/** Nothing answered: no network, or the server is down. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super("the server cannot be reached", { cause });
    this.name = "Unreachable";
  }
}

/** Whether the server did not answer, or could not. */
export function isAway(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Refused && error.passing);
}

export interface Options {
  signal?: AbortSignal;
  /** Lets the request outlive the page. */
  keepalive?: boolean;
}

/** What goes with every request besides, by the names of headers. */
export const headers: Record<string, string> = {};

/** How long a reply is waited for, in milliseconds, and one more for each byte sent: the server waits for no slower ones. */
const PATIENCE = 60_000;

type Route = keyof Routes;
type Reply<Name extends Route> = Routes[Name]["reply"];
/** What a call needs beside the route: the parts of its path, its query, its body. */
type Given<Name extends Route> = Omit<Routes[Name], "reply"> & Options;
type Arguments<Name extends Route> = object extends Given<Name> ? [given?: Given<Name>] : [given: Given<Name>];

interface Parts extends Options {
  path?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string | number | undefined>>;
  body?: unknown;
}

/** Ask the server: `call("GET /api/runs/{run}", { path: { run } })`; raises `Refused` or `Unreachable`. */
export async function call<Name extends Route>(route: Name, ...[given]: Arguments<Name>): Promise<Reply<Name>> {
  const { path, query, body, ...options }: Parts = given ?? {};
  const [method = "GET", template = ""] = route.split(" ");
  const changes = method !== "GET";
  const response = await reach(address(template, path, query), {
    method,
    credentials: "same-origin",
    headers: { Accept: "application/json", ...headers, ...(changes ? { "Content-Type": body instanceof Blob ? "application/octet-stream" : "application/json" } : {}) },
    ...(changes ? { body: body instanceof Blob ? body : JSON.stringify(body ?? {}) } : {}),
    ...options,
  });
  if (!response.ok) {
    const told = refusal(response.status, await response.json().catch(() => null));
    // What stands between says nothing of the server.
    if (!told.code.startsWith("http_")) contact.note(true);
    throw told;
  }
  // Cut off on its way, or from something that stands between, such as the sign-in page of a network: nobody answered.
  const reply = (await response.json().catch(notReached)) as Reply<Name>;
  contact.note(true);
  return reply;
}

/** A file of the server, however long it takes to make; its name is what the server calls it. */
export async function download(template: string, path: Readonly<Record<string, string>>, signal: AbortSignal): Promise<File> {
  const response = await fetch(address(template, path), { credentials: "same-origin", signal }).catch(notReached);
  if (!response.ok) throw refusal(response.status, await response.json().catch(() => null));
  const content = await response.blob().catch(notReached);
  return new File([content], nameOf(response.headers.get("Content-Disposition") ?? ""), { type: content.type });
}

/** The name in a `Content-Disposition`, which has it in UTF-8 where it is not plain ASCII. */
function nameOf(disposition: string): string {
  const encoded = /filename\*=utf-8''([^;]+)/i.exec(disposition)?.[1];
  return encoded === undefined ? (/filename="([^"]+)"/.exec(disposition)?.[1] ?? "") : decodeURIComponent(encoded);
}

/** A path with its parts filled in, and a query of what is given. */
function address(template: string, path: Parts["path"] = {}, query: Parts["query"] = {}): string {
  const filled = at(template).replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ""));
  const asked = Object.entries(query).flatMap(([name, value]) => (value === undefined || value === "" ? [] : [[name, String(value)]]));
  return asked.length > 0 ? `${filled}?${new URLSearchParams(asked)}` : filled;
}

function reach(path: string, init: RequestInit): Promise<Response> {
  // A network may be silent for ever without saying that it is gone.
  const size = init.body instanceof Blob ? init.body.size : String(init.body ?? "").length;
  const silence = AbortSignal.timeout(PATIENCE + size);
  return fetch(path, { ...init, signal: init.signal ? AbortSignal.any([init.signal, silence]) : silence }).catch(notReached);
}

function notReached(error: unknown): never {
  if (error instanceof DOMException && error.name === "AbortError") throw error;
  contact.note(false);
  throw new Unreachable(error);
}

function refusal(status: number, reply: unknown): Refused {
  // What stands between, such as a proxy, may answer in a form of its own.
  const error = (reply as Partial<Refusal> | null)?.error;
  return new Refused(status, error?.code ?? `http_${status}`, error?.message ?? `the server answered ${status}`, error?.details);
}
