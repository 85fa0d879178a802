/** Small questions to the user: a new title, whether really. */
import { button, h } from "../core/dom.js";

/**
 * @param {string} title
 * @param {string} label of the button that does it
 * @param {{value?: string, text?: string, danger?: boolean}} options with a value, a text is asked for
 * @returns {Promise<string | null>} null if cancelled
 */
export function asked(title, label, { value, text, danger }) {
  return new Promise((resolve) => {
    const input = value === undefined ? null : h("input", { "aria-label": "Title", maxlength: 200, dir: "auto" });
    if (input) input.value = value;
    let answer = null;
    const dialog = h(
      "dialog",
      { class: "small-dialog", "aria-label": title },
      h("form", { method: "dialog", onsubmit: () => (answer = input ? input.value.trim() : "yes") },
        h("h2", {}, title),
        text && h("p", { class: "quiet" }, text),
        input,
        h("div", { class: "row" },
          button("Cancel", () => dialog.close()),
          h("button", { class: `button ${danger ? "danger" : "primary"}` }, label))),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer || null);
    });
    document.body.append(dialog);
    dialog.showModal();
    input?.select();
  });
}
