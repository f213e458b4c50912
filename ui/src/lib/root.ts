/**
 * Where the server is: at the root of its host, or under a path where a proxy has put it (`https://host/labels/`).
 *
 * Nobody tells the pages or the server: the page's scripts lie in a folder at the server's root. Inside the pages, and in
 * what the server says, addresses begin there (`/work`); what the browser is given begins with the root.
 */

const here = import.meta.url;

/** The path of the server's root, with slashes at both ends. */
export const root = import.meta.env.PROD ? new URL("..", here).pathname : "/";

/** An address of the server's as the browser has to know it: `/work` is `/labels/work`; a whole one (`https://…`) stays as it is. */
export function at(address: string): string {
  return address.startsWith("/") ? root + address.slice(1) : address;
}

/** The whole link to an address of the server's, for somebody else. */
export function linkTo(address: string): string {
  return location.origin + at(address);
}

/** The server's path of a path in the browser: `/labels/work` is `/work`; one that is not the server's stays as it is. */
export function within(path: string): string {
  return path.startsWith(root) ? path.slice(root.length - 1) : path;
}

/** A name for what this browser keeps: all servers of a host share its storage, each under the path where it is. */
export function storageName(name: string): string {
  return root === "/" ? name : `${name} ${root}`;
}

/** Hold the page's icon to where it is: browsers look for it anew from each address that the page takes. */
export function holdIcon(): void {
  for (const icon of document.querySelectorAll<HTMLLinkElement>("link[rel=icon]")) icon.setAttribute("href", icon.href);
}
