/** Markdown as safe HTML, by the rules of `dataforge/markdown.py`: items and instructions are written in one dialect. */

import createDOMPurify from "dompurify";
import MarkdownIt from "markdown-it";

const TAGS = [
  ...["h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "s"],
  ...["ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a", "img"],
];
const ATTRIBUTES = ["href", "title", "src", "alt", "start"];
/** Addresses without a scheme would point into the platform. */
const ADDRESSES: Readonly<Record<string, { attribute: string; safe: RegExp }>> = {
  A: { attribute: "href", safe: /^(https?:\/\/|mailto:)/i },
  IMG: { attribute: "src", safe: /^https?:\/\//i },
};

const parser = new MarkdownIt("commonmark", { html: false }).enable(["table", "strikethrough"]);
/** A picture is a link to it. */
const withoutPictures = new MarkdownIt("commonmark", { html: false }).enable(["table", "strikethrough"]).disable("image");
// One of its own: its hooks are nobody else's.
const purify = createDOMPurify(window);
purify.addHook("afterSanitizeAttributes", (node) => {
  const rule = ADDRESSES[node.tagName];
  if (!rule) return;
  if (!rule.safe.test(node.getAttribute(rule.attribute) ?? "")) node.removeAttribute(rule.attribute);
  // Nobody leaves the page by a link, and no other host learns where it was clicked.
  const told = node.tagName === "A" ? { target: "_blank", rel: "noopener noreferrer" } : { loading: "lazy", referrerpolicy: "no-referrer" };
  for (const [name, value] of Object.entries(told)) node.setAttribute(name, value);
});

/**
 * HTML of a Markdown text that is safe to put into a page; HTML inside the text is shown as text. `foreign`: somebody else than
 * the requester wrote it, and no picture of their choice tells them who reads it, when and where.
 */
export function renderMarkdown(text: string, foreign = false): string {
  return purify.sanitize((foreign ? withoutPictures : parser).render(text), { ALLOWED_TAGS: TAGS, ALLOWED_ATTR: ATTRIBUTES, ALLOW_DATA_ATTR: false, ALLOW_ARIA_ATTR: false });
}
