/** The HTTP client: JSON in, JSON out, and errors that say what kind they are. */

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

  /** Whether asking again later can help: the server is overloaded or broken, not the request. */
  get passing(): boolean {
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

export interface Options {
  signal?: AbortSignal;
  /** Lets the request outlive the page. */
  keepalive?: boolean;
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Send a request to `path` and give the reply's JSON; raises `Refused` or `Unreachable`. */
export async function request<Reply>(method: Method, path: string, body?: unknown, options: Options = {}): Promise<Reply> {
  const response = await reach(path, {
    method,
    credentials: "same-origin",
    headers: { Accept: "application/json", ...(method === "GET" ? {} : { "Content-Type": "application/json" }) },
    ...(method === "GET" ? {} : { body: JSON.stringify(body ?? {}) }),
    ...options,
  });
  const reply: unknown = await response.json().catch(() => null);
  if (!response.ok) throw refusal(response.status, reply);
  return reply as Reply;
}

export const get = <Reply>(path: string, options?: Options) => request<Reply>("GET", path, undefined, options);
export const post = <Reply>(path: string, body?: unknown, options?: Options) => request<Reply>("POST", path, body, options);
export const put = <Reply>(path: string, body?: unknown, options?: Options) => request<Reply>("PUT", path, body, options);
export const remove = <Reply>(path: string, options?: Options) => request<Reply>("DELETE", path, undefined, options);

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Unreachable(error);
  }
}

function refusal(status: number, reply: unknown): Refused {
  const error = (reply as { error?: { code?: string; message?: string; details?: Record<string, unknown> } } | null)?.error;
  return new Refused(status, error?.code ?? `http_${status}`, error?.message ?? `the server answered ${status}`, error?.details);
}
