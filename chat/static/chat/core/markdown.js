/**
 * Markdown as elements. marked reads the text; its tokens become elements here, one by one. No HTML is made of them and
 * HTML in the text is shown as it was typed, so there is nothing to sanitise.
 */
import { lexer } from "../vendor/marked/marked.esm.js";
import { h, link, webAddress } from "./dom.js";

const LINKS = ["http:", "https:", "mailto:"];
const MARKER = /\[(\d{1,3})\]/g;
const DEEPEST = 24;
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", hellip: "…", ndash: "–", mdash: "—" };

/**
 * What a marker such as `[1]` becomes; null leaves the text.
 * @typedef {(marker: number) => Node | null} Cite
 */

/**
 * Show a text in an element. Blocks that are as before stay the elements they were, so that a text that grows costs
 * its last block only and a selection in the others lives on.
 * @param {HTMLElement} element
 * @param {string} text
 * @param {Cite} cite
 */
export function showMarkdown(element, text, cite) {
  const blocks = read(text).filter((token) => token.type !== "space");
  const kept = shown.get(element) ?? [];
  let same = 0;
  while (same < blocks.length && kept[same]?.cite === cite && kept[same].raw === blocks[same].raw) same += 1;
  for (const old of kept.splice(same)) old.node.remove();
  for (const token of blocks.slice(same)) {
    const node = h("div", { class: "block", dir: "auto" }, ...block(token, cite, 0));
    element.append(node);
    kept.push({ raw: token.raw, cite, node });
  }
  shown.set(element, kept);
}

/** @type {WeakMap<HTMLElement, {raw: string, cite: Cite, node: HTMLElement}[]>} */
const shown = new WeakMap();

function read(text) {
  try {
    return lexer(text);
  } catch {
    return [{ type: "text", raw: text, text }]; // better unformatted than not at all
  }
}

/** @returns {(Node | string)[]} */
function block(token, cite, depth) {
  if (depth > DEEPEST) return [token.raw];
  const within = (tokens) => (tokens ?? []).flatMap((each) => block(each, cite, depth + 1));
  switch (token.type) {
    case "space":
      return [];
    case "heading":
      // The page has the first two levels to itself.
      return [h(`h${Math.min(token.depth + 2, 6)}`, {}, ...inline(token.tokens, cite, depth))];
    case "paragraph":
      return [h("p", {}, ...inline(token.tokens, cite, depth))];
    case "code":
      return [h("pre", { tabindex: "0", dir: "ltr" }, h("code", {}, token.text))];
    case "blockquote":
      return [h("blockquote", {}, ...within(token.tokens))];
    case "hr":
      return [h("hr")];
    case "list": {
      const items = token.items.map((item) => h("li", {}, ...within(item.tokens)));
      return [token.ordered ? h("ol", { start: token.start || 1 }, ...items) : h("ul", {}, ...items)];
    }
    case "table":
      return [table(token, cite, depth)];
    case "text":
      return token.tokens ? inline(token.tokens, cite, depth) : words(token.text, cite);
    case "checkbox":
      return [token.checked ? "☑ " : "☐ "];
    default: // HTML, definitions, whatever a later parser knows
      return [h("p", {}, ...words(token.raw, cite))];
  }
}

function table(token, cite, depth) {
  const row = (cells, tag) => h("tr", {}, ...cells.map((cell) => h(tag, {}, ...inline(cell.tokens, cite, depth))));
  return h(
    "div",
    { class: "wide", tabindex: "0", role: "region", "aria-label": "Table" },
    h("table", {}, h("thead", {}, row(token.header, "th")), h("tbody", {}, ...token.rows.map((each) => row(each, "td")))),
  );
}

/** @returns {(Node | string)[]} */
function inline(tokens, cite, depth) {
  if (depth > DEEPEST) return (tokens ?? []).map((token) => token.raw);
  const within = (token) => inline(token.tokens, cite, depth + 1);
  return (tokens ?? []).flatMap((token) => {
    switch (token.type) {
      case "strong":
        return [h("strong", {}, ...within(token))];
      case "em":
        return [h("em", {}, ...within(token))];
      case "del":
        return [h("del", {}, ...within(token))];
      case "codespan":
        return [h("code", {}, token.text)];
      case "br":
        return [h("br")];
      case "link": {
        const address = webAddress(token.href, LINKS);
        return address ? [link(address, ...within(token))] : words(token.raw, cite);
      }
      case "image": // nothing is loaded from elsewhere; its text says what it is
        return [token.text || token.raw];
      case "escape":
        return [token.text];
      case "text":
        return token.tokens ? within(token) : words(token.text, cite);
      default:
        return words(token.raw, cite);
    }
  });
}

/** A text with its entities read and its markers put in place. */
function words(text, cite) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(MARKER)) {
    const node = cite(Number(match[1]));
    if (!node) continue;
    parts.push(entities(text.slice(from, match.index)), node);
    from = match.index + match[0].length;
  }
  parts.push(entities(text.slice(from)));
  return parts.filter((part) => part !== "");
}

function entities(text) {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : whole;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
