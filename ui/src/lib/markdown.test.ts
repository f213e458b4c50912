/** Items are rendered in the dialect of instructions, which the server renders: both are held to one file. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { renderMarkdown } from "./markdown";

const dialect = JSON.parse(readFileSync(resolve(import.meta.dirname, "../../../tests/data/markdown.json"), "utf8")) as { text: string; html: string }[];
const escaped: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const escape = (text: string): string => text.replace(/[&<>]/g, (sign) => escaped[sign]!);

/** HTML with attributes in the order of their names, and no space between blocks. */
function canonical(node: Node): string {
  if (node instanceof Text) {
    const text = node.previousSibling?.nodeName === "BR" ? node.data.replace(/^\n/, "") : node.data.replace(/\n$/, "");
    return text.trim() || text === " " ? escape(text) : "";
  }
  const inside = [...node.childNodes].map(canonical).join("");
  if (!(node instanceof Element) || node.tagName === "BODY") return inside;
  const attributes = [...node.attributes].sort((one, other) => (one.name < other.name ? -1 : 1)).map(({ name, value }) => ` ${name}="${value}"`);
  const tag = node.tagName.toLowerCase();
  return `<${tag}${attributes.join("")}>${["br", "hr", "img"].includes(tag) ? "" : `${inside}</${tag}>`}`;
}

describe("Markdown of items", () => {
  it.each(dialect)("is that of instructions: $text", ({ text, html }) => {
    expect(canonical(new DOMParser().parseFromString(renderMarkdown(text), "text/html").body)).toBe(html);
  });

  it("loads no picture that somebody else than the requester has chosen", () => {
    const found = new DOMParser().parseFromString(renderMarkdown("![cat](https://h/a.png) ![x][y]\n\n[y]: https://h/b.png", true), "text/html");
    expect(found.querySelectorAll("img")).toHaveLength(0);
    expect([...found.querySelectorAll("a")].map((one) => one.href)).toEqual(["https://h/a.png", "https://h/b.png"]);
  });

  it.each(["<img src=x onerror=alert(1)>", "[x](java\nscript:alert(1))", "[x](&#106;avascript:alert(1))", '![x](https://h/a.png "onerror=alert(1)")', '![" onerror="alert(1)](https://h/a.png)'])("runs nothing: %s", (text) => {
    const found = new DOMParser().parseFromString(renderMarkdown(text), "text/html");
    const names = [...found.querySelectorAll("*")].flatMap((one) => [...one.attributes].map(({ name }) => name));
    expect(names.filter((name) => name.startsWith("on"))).toEqual([]);
    expect([...found.querySelectorAll("a")].every((one) => !one.href.startsWith("javascript:"))).toBe(true);
    expect(found.querySelectorAll("script, iframe, style")).toHaveLength(0);
  });
});
