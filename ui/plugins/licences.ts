import { readFileSync, readdirSync } from "node:fs";
import { join, sep } from "node:path";
import type { Plugin, Rollup } from "vite";

/** Writes `name` among the built files: every package of others that is part of them, with its licence in full. */
export function licences(name: string): Plugin {
  return {
    name: "licences",
    apply: "build",
    generateBundle(_options, bundle) {
      const packages = [...new Set(Object.values(bundle).flatMap(sources).flatMap(packageOf))].sort();
      this.emitFile({ type: "asset", fileName: name, source: packages.map(section).join("\n\n") });
    },
  };
}

/** The files that went into a built one. */
function sources(output: Rollup.OutputAsset | Rollup.OutputChunk): string[] {
  return output.type === "asset" ? output.originalFileNames : Object.keys(output.modules);
}

const PACKAGE = /^.*node_modules\/(@[^/]+\/)?[^/]+(?=\/)/;

/** The folder of the package that a file belongs to, if it is one of others; fonts are named from `ui/`, modules from the root. */
function packageOf(file: string): string[] {
  const found = PACKAGE.exec(file.replaceAll(sep, "/").replace(/^\0/, ""))?.[0];
  return found ? [found.slice(found.lastIndexOf("node_modules/"))] : [];
}

function section(folder: string): string {
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name: string; version: string; license?: string };
  const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice|ofl)/i.test(file)).sort();
  if (!about.license || !texts.length) throw new Error(`${about.name} goes into the pages and brings no licence: it cannot be handed on`);
  return [`${about.name} ${about.version} (${about.license})`, "=".repeat(72), ...texts.map((file) => readFileSync(join(folder, file), "utf8").trim())].join("\n");
}
