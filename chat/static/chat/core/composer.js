/** The field in which questions are written, with its one button: ask, or stop while an answer is written. */
import { button, h } from "./dom.js";

export class Composer {
  /** @param {{ask: (content: string) => void, stop: () => void, placeholder?: string}} options */
  constructor({ ask, stop, placeholder = "Ask a question" }) {
    this.onask = ask;
    this.field = h("textarea", { rows: 1, maxlength: 4000, dir: "auto", "aria-label": "Your question", placeholder });
    this.send = button("Ask", () => this.#ask(), { icon: "send", class: "send" });
    this.end = button("Stop", stop, { icon: "stop", class: "send", hidden: true });
    this.error = h("p", { class: "error", role: "alert" });
    const box = h("div", { class: "field" }, this.field, this.send, this.end);
    this.element = h("form", { class: "composer", onsubmit: (event) => event.preventDefault() }, this.error, box);
    this.field.addEventListener("input", () => this.#grow());
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#ask();
    });
  }

  get text() {
    return this.field.value;
  }

  set text(value) {
    this.field.value = value;
    this.#grow();
  }

  /** @param {boolean} value */
  set busy(value) {
    // A button that is hidden loses the focus: it goes to the one in its place, or back to the field.
    const focused = this.element.getRootNode().activeElement;
    this.send.hidden = value;
    this.end.hidden = !value;
    if (focused === this.send || focused === this.end) (value ? this.end : this.field).focus({ preventScroll: true });
  }

  get busy() {
    return this.send.hidden;
  }

  clear() {
    this.text = "";
    this.error.textContent = "";
  }

  /** @param {string} text */
  complain(text) {
    this.error.textContent = text;
    this.field.focus();
  }

  #ask() {
    const content = this.text.trim();
    if (content && !this.busy) this.onask(content);
  }

  #grow() {
    if (CSS.supports("field-sizing", "content")) return; // the styles do it
    // Rows, not pixels: a strict policy allows no style attributes, and rows grow with the reader's font.
    this.field.rows = Math.min(8, Math.max(1, this.text.split("\n").length, Math.ceil(this.text.length / 70)));
  }
}
