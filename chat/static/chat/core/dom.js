/** Making elements. Nothing in the chat is ever made from HTML text: `innerHTML` and its like are not used. */

/**
 * An element with attributes, listeners (functions under `onclick` and so on) and children.
 * @param {string} tag
 * @param {Record<string, string | number | boolean | null | undefined | EventListener>} [attributes]
 * @param {...any} children nodes and texts; null, undefined and false are left out
 * @returns {any}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * A button. With an icon its label is for screen readers and the tooltip.
 * @param {string} label
 * @param {(event: Event) => void} onclick
 * @param {{icon?: string, class?: string, type?: string, [name: string]: any}} [options]
 * @returns {HTMLButtonElement}
 */
export function button(label, onclick, options = {}) {
  const { icon: name, class: kind = "", ...attributes } = options;
  const look = name ? { class: `icon-button ${kind}`, "aria-label": label, title: label } : { class: kind || "button" };
  return h("button", { type: "button", ...look, ...attributes, onclick }, name ? icon(name) : label);
}

const SHAPES = {
  send: "M12 19V5m-6 6 6-6 6 6",
  stop: "M8 8h8v8H8z",
  up: "M7 11v9H4v-9h3zm0 0 4-8c1.500 0 2.500 1 2.500 2.500V9H19c1 0 1.800 1 1.600 2l-1.400 7c-.2 1-1 2-2 2H7",
  down: "M7 13V4H4v9h3zm0 0 4 8c1.500 0 2.500-1 2.500-2.500V15H19c1 0 1.800-1 1.600-2l-1.400-7c-.2-1-1-2-2-2H7",
  again: "M4 12a8 8 0 1 1 2.300 5.600M4 20v-5h5",
  edit: "m4 20 1-4L16 5l3 3L8 19l-4 1zM14 7l3 3",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "m5 12 5 5 9-10",
  left: "m14 6-6 6 6 6",
  right: "m10 6 6 6-6 6",
  close: "m6 6 12 12M18 6 6 18",
  menu: "M4 7h16M4 12h16M4 17h16",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  plus: "M12 5v14M5 12h14",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zm5 12 4 4",
  moon: "M20 14A8 8 0 0 1 10 4a8 8 0 1 0 10 10z",
  lock: "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
  chat: "M4 5h16v11H10l-5 4v-4H4z",
};

/**
 * @param {string} name one of SHAPES
 * @returns {SVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of [["viewBox", "0 0 24 24"], ["aria-hidden", "true"], ["class", `icon icon-${name}`]]) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/**
 * The address if it is absolute and has one of the protocols, else null.
 * @param {string} text
 * @param {string[]} [protocols]
 */
export function webAddress(text, protocols = ["http:", "https:"]) {
  try {
    const url = new URL(text);
    return protocols.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * A link that opens beside the chat and tells the other side nothing of it.
 * @param {string} address
 * @param {...(Node | string)} children
 */
export function link(address, ...children) {
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children);
}
