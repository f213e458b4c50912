import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { build, type Plugin, type Rollup } from "vite";
import { messages } from "./messages";

/** Builds a widget of notebooks beside the pages: `<name>.js`, one file with all that it needs, and `<name>.css`. */
export function notebook(entry: string, style: string, name: string): Plugin {
  let root = "";
  return {
    name: "notebook",
    apply: "build",
    configResolved: (config) => void (root = config.root),
    async generateBundle() {
      const built = await build({
        configFile: false,
        root,
        logLevel: "error",
        plugins: [messages()],
        json: { namedExports: false },
        build: {
          write: false,
          copyPublicDir: false,
          modulePreload: { polyfill: false },
          target: "es2022",
          lib: { entry: resolve(root, entry), formats: ["es"], fileName: name },
          rollupOptions: { output: { inlineDynamicImports: true } },
        },
      });
      const [chunk, ...others] = (built as Rollup.RollupOutput[])[0]!.output;
      if (others.length > 0) throw new Error(`${name}: a notebook loads one file, and there are more: ${others.map((one) => one.fileName).join(", ")}`);
      this.emitFile({ type: "asset", fileName: `${name}.js`, source: chunk.code });
      this.emitFile({ type: "asset", fileName: `${name}.css`, source: readFileSync(resolve(root, style), "utf8") });
    },
  };
}
