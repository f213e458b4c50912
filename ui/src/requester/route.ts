/** Paths of the requester"s pages, read and written in one place. */

export const TABS = ["overview", "workers", "items", "preview"] as const;
export type Tab = (typeof TABS)[number];

export type Route =
  | { screen: "login" }
  | { screen: "runs" }
  | { screen: "run"; run: string; tab: Tab }
  | { screen: "item"; run: string; key: string }
  | { screen: "preview"; preview: string }
  | { screen: "unknown" };

export function parse(pathname: string): Route {
  const parts = segments(pathname);
  if (parts === null) return { screen: "unknown" };
  const [first, second, third, fourth] = parts;
  if (first === undefined) return { screen: "runs" };
  if (first === "login" && parts.length === 1) return { screen: "login" };
  if (first === "preview" && second && parts.length === 2) return { screen: "preview", preview: second };
  if (first !== "runs") return { screen: "unknown" };
  if (second === undefined) return { screen: "runs" };
  if (third === undefined) return { screen: "run", run: second, tab: "overview" };
  if (third === "items" && fourth !== undefined && parts.length === 4) {
    return { screen: "item", run: second, key: fourth };
  }
  const tab = TABS.find((name) => name === third);
  return tab && parts.length === 3 ? { screen: "run", run: second, tab } : { screen: "unknown" };
}

export const paths = {
  login: "/login",
  runs: "/runs",
  run: (run: string, tab: Tab = "overview") =>
    `/runs/${encodeURIComponent(run)}${tab === "overview" ? "" : `/${tab}`}`,
  item: (run: string, key: string) => `/runs/${encodeURIComponent(run)}/items/${encodeURIComponent(key)}`,
};

/** The path"s decoded segments, or null where the address is not a proper one (`%E0%A4` and the like). */
function segments(pathname: string): string[] | null {
  try {
    return pathname
      .split("/")
      .filter((part) => part !== "")
      .map(decodeURIComponent);
  } catch {
    return null;
  }
}
