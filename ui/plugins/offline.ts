import { createHash } from "node:crypto";
import type { Plugin, Rollup } from "vite";

/** Tells the service worker which files the worker's page consists of, and gives their set a name. */
export function offline(page: string, serviceWorker: string): Plugin {
  return {
    name: "offline",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const html = bundle[page];
        const script = bundle[serviceWorker];
        if (html?.type !== "asset" || script?.type !== "chunk") throw new Error(`expected ${page} and ${serviceWorker} among the built files`);
        const source = String(html.source);
        const files = reached(source, bundle);
        const version = createHash("sha256").update([source, ...files].join("\n")).digest("hex").slice(0, 16);
        script.code = script.code.replaceAll("SHELL_FILES", JSON.stringify(files)).replaceAll("SHELL_VERSION", JSON.stringify(version));
      },
    },
  };
}

/** The built files that a page names, and those that they load in turn, now or later. */
function reached(source: string, bundle: Rollup.OutputBundle): string[] {
  const found = new Set<string>();
  const visit = (file: string): void => {
    const output = bundle[file];
    if (!output || found.has(file)) return;
    found.add(file);
    if (output.type === "chunk") {
      const { importedCss, importedAssets } = output.viteMetadata ?? {};
      [...output.imports, ...output.dynamicImports, ...(importedCss ?? []), ...(importedAssets ?? [])].forEach(visit);
    }
  };
  named(source).forEach(visit);
  return [...found].sort();
}

/** The built files that a page names. */
function named(text: string): string[] {
  return text.match(/(?<="\.\/)assets\/[\w.-]+/g) ?? [];
}
