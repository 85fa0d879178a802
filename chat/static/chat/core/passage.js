/** The passage that an answer rests on, with the sentence that says it. */
import { button, h, link, webAddress } from "./dom.js";

/**
 * @typedef {object} Citation
 * @property {number} marker
 * @property {string} title
 * @property {string} heading
 * @property {number | null} page
 * @property {string} source_uri
 * @property {string} url of the web, or of the server that this script is from
 * @property {string} text
 * @property {number} version
 */

const ENOUGH = 0.34; // of the claim's words must stand in a sentence for it to be the one

/**
 * @param {Citation} citation
 * @param {string} claim the sentence of the answer that cites it; empty: the passage as a whole
 * @param {ParentNode} place where the dialog is put
 * @param {boolean} modal
 */
export function openPassage(citation, claim, place, modal) {
  const address = citation.url && webAddress(new URL(citation.url, import.meta.url).href);
  const [start, end] = sentenceOf(citation.text, claim);
  const mark = end ? h("mark", {}, citation.text.slice(start, end)) : null;
  const where = [citation.heading, citation.page && `Page ${citation.page}`, `Version ${citation.version}`];
  const close = button("Close", () => dialog.close(), { icon: "close" });
  const text = h("div", { class: "passage-text", dir: "auto", tabindex: "0" });
  text.append(citation.text.slice(0, mark ? start : undefined), ...(mark ? [mark, citation.text.slice(end)] : []));
  const dialog = h(
    "dialog",
    { class: "passage", "aria-label": `Source ${citation.marker}: ${citation.title}`, onclose: () => dialog.remove() },
    h("div", { class: "passage-head" }, h("span", { class: "marker" }, citation.marker), h("h2", { dir: "auto" }, citation.title), close),
    h("p", { class: "quiet", dir: "auto" }, where.filter(Boolean).join(" · ")),
    text,
    ![citation.title, ""].includes(citation.source_uri) &&
      h("p", { class: "quiet origin" }, "From ", address ? link(address, citation.source_uri) : citation.source_uri),
  );
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    dialog.close();
  });
  place.append(dialog);
  if (modal) dialog.showModal();
  else dialog.show();
  mark?.scrollIntoView({ block: "center" });
}

/**
 * The sentence before a marker, as far as it stands in the marker's own block.
 * @param {HTMLElement} marker
 */
export function claimBefore(marker) {
  const block = marker.closest("li, p, td, th, h3, h4, h5, h6, .block");
  if (!block) return "";
  const text = textOf(block, (node) => marker.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_PRECEDING);
  const said = sentences(text).map(([start, end]) => text.slice(start, end).trim()).filter((each) => /[\p{L}\p{N}]/u.test(each));
  return said.at(-1) ?? textOf(block);
}

/**
 * What an element says, without its markers.
 * @param {Node} element
 * @param {(node: Node) => unknown} [wanted]
 */
export function textOf(element, wanted = () => true) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let text = "";
  while (walker.nextNode() && wanted(walker.currentNode)) {
    if (!walker.currentNode.parentElement.closest(".cite")) text += walker.currentNode.nodeValue;
  }
  return text;
}

/**
 * Where in a passage the claim is said: offsets of the sentence that has most of its words; [0, 0] where none has enough.
 * @param {string} text
 * @param {string} claim
 * @returns {[number, number]}
 */
export function sentenceOf(text, claim) {
  const wanted = words(claim);
  /** @type {[number, number]} */
  let best = [0, 0];
  let most = 0;
  for (const [start, end] of wanted.size ? sentences(text) : []) {
    const found = words(text.slice(start, end));
    const shared = [...wanted].filter((word) => found.has(word)).length;
    const score = shared / wanted.size + (0.2 * shared) / Math.max(found.size, 1); // of equals the shorter
    if (score > most) [best, most] = [[start, end], score];
  }
  return most >= ENOUGH ? best : [0, 0];
}

function words(text) {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}

/** @returns {[number, number][]} */
function sentences(text) {
  // A single line break may be one of a page that was set in lines; a list item or a blank line ends what is before it.
  const joined = text.replace(/(?<!\n)\n(?!\n|\s*(?:[-*•|#]|\d+[.)]))/g, " ");
  return segments(joined).map(({ index, segment }) => [index, index + segment.trimEnd().length]);
}

function segments(text) {
  if (Intl.Segmenter) return [...new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(text)];
  return [...text.matchAll(/[^.!?。\n]+[.!?。\n]*\s*/g)].map((match) => ({ index: match.index, segment: match[0] }));
}
