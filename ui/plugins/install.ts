import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Plugin } from "vite";

/**
 * Puts what was built into `target`, so that a server which serves from there never misses a file: hashed assets come
 * before the pages that name them, each page is replaced in one step, and what no page names any more goes last.
 */
export function install(target: string): Plugin {
  let built = "";
  let failed = false;
  return {
    name: "install",
    apply: "build",
    configResolved: (config) => void (built = resolve(config.root, config.build.outDir)),
    buildEnd: (error) => void (failed = error !== undefined),
    closeBundle: {
      order: "post",
      sequential: true,
      handler() {
        if (failed) return;
        const files = filesOf(built);
        for (const file of files.sort((one, other) => Number(isEntry(one)) - Number(isEntry(other)))) replace(join(built, file), join(target, file));
        for (const file of filesOf(target)) if (!files.includes(file)) rmSync(join(target, file));
      },
    },
  };
}

/** Pages and the service worker keep their names; everything else has a hash in its name. */
function isEntry(file: string): boolean {
  return !file.startsWith("assets");
}

function replace(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
}

function filesOf(folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
