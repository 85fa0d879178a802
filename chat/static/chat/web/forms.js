/** Forms that say why the server refused them. */
import { h } from "../core/dom.js";
import { Problem, told } from "../core/problems.js";

/**
 * @param {() => Promise<any>} act what sending it does; a Problem that it throws is told
 * @param {string} title
 * @param {string} label of the button
 * @param {any[]} fields
 * @param {any[]} [more] below the button
 */
export function asking(act, title, label, fields, more = []) {
  const error = h("p", { class: "error", role: "alert" });
  const send = h("button", { class: "button primary" }, label);
  const submit = async (event) => {
    event.preventDefault();
    send.disabled = true;
    error.textContent = "";
    try {
      await act();
    } catch (problem) {
      error.textContent = told(problem);
      if (problem instanceof Problem) element.querySelector(`[name="${Object.keys(problem.errors)[0]}"]`)?.focus();
    }
    send.disabled = false;
  };
  const element = h("form", { onsubmit: submit }, h("h1", {}, title), ...fields, error, send, ...more);
  return element;
}

export function field(name, label, autocomplete, type = "text") {
  const input = h("input", { id: `entrance-${name}`, name, type, autocomplete, required: true, autocapitalize: "none" });
  return h("div", { class: "labelled" }, h("label", { for: input.id }, label), input);
}

export function codeField(label) {
  return field("code", label, "one-time-code");
}
