/**
 * Keeps the worker's page itself on the device, so that a reload without a network shows it with its drafts.
 *
 * What the server says through its API is never kept here: the page keeps what it needs in its own store.
 */

declare const self: ServiceWorkerGlobalScope;
/** Written by the build: the files of the worker's page, and a name that changes with any of them. */
declare const SHELL_FILES: string[];
declare const SHELL_VERSION: string;

/** Where the server is: at the root of its host, or under a path. All servers of a host share the caches. */
const { pathname: ROOT } = new URL(".", self.location.href);
const PREFIX = `shell ${ROOT} `;
const CURRENT = PREFIX + SHELL_VERSION;
const PAGE = `${ROOT}work`;
/** How long a page may keep the worker waiting, in milliseconds, when there is one on the device. */
const PATIENCE = 4_000;
/** What a proxy says while the server behind it is away. */
const AWAY = [502, 503, 504];

self.addEventListener("install", (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(forget().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (pathname.startsWith(`${ROOT}assets/`)) event.respondWith(asset(request));
  else if (request.mode === "navigate" && `${pathname}/`.startsWith(`${PAGE}/`)) event.respondWith(page(request));
});

/** Fetch the page and all its files, or nothing: a page never meets files of another version. */
async function keep(): Promise<void> {
  try {
    const cache = await caches.open(CURRENT);
    const [page] = await Promise.all([fetch(PAGE, { cache: "reload" }), cache.addAll(SHELL_FILES.map((file) => ROOT + file))]);
    const text = await page.text();
    const named = text.match(/(?<=="\.\/)assets\/[^"]+/g) ?? [];
    if (!page.ok || !named.every((file) => SHELL_FILES.includes(file))) throw new Error("the page is of another version than this script");
    // What the page loads is named from where it is; the one that is kept is shown at all addresses.
    const anywhere = new Response(text.replaceAll('="./', `="${ROOT}`), { headers: page.headers });
    anywhere.headers.delete("Content-Encoding");
    await cache.put(PAGE, anywhere);
  } catch (error) {
    await caches.delete(CURRENT);
    throw error;
  }
}

/** Drop old versions but the last one: pages that are still open may yet ask for its files. */
async function forget(): Promise<void> {
  const older = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CURRENT);
  await Promise.all(older.slice(0, -1).map((name) => caches.delete(name)));
}

/** The server's page if it comes soon, so that a new version shows at once; else the one kept here. */
async function page(request: Request): Promise<Response> {
  const kept = await (await caches.open(CURRENT)).match(PAGE, { ignoreVary: true });
  const fetched = fetch(request);
  if (!kept) return fetched;
  const timely = Promise.race([fetched, new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE))]);
  const response = await timely.catch(() => undefined);
  return response && !AWAY.includes(response.status) ? response : kept;
}

/** A file whose name holds a hash of its content is the same wherever it comes from. */
async function asset(request: Request): Promise<Response> {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

export {};
