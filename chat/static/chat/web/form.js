/** A form on the card at the entrance. */
import { h } from "../core/dom.js";
import { Problem, told } from "../core/problems.js";

/**
 * @param {string} title
 * @param {object} parts
 * @param {string} [parts.words]
 * @param {HTMLElement[]} [parts.above] the fields
 * @param {HTMLElement[]} [parts.fields]
 * @param {string} parts.label of the button
 * @param {(...values: string[]) => Promise<void>} parts.send with the values of the fields, in their order
 * @param {(problem: Problem) => Node[] | null} [parts.advice] what to put behind the problem's text
 * @param {Node[]} [parts.more] below the button
 */
export function form(title, { words, above = [], fields = [], label, send, advice = () => null, more = [] }) {
  const error = h("p", { class: "error", role: "alert" });
  const submit = h("button", { class: "button primary" }, label);
  const onsubmit = async (event) => {
    event.preventDefault();
    submit.disabled = true;
    error.textContent = "";
    try {
      await send(...fields.map((field) => field.querySelector("input").value));
    } catch (problem) {
      error.append(told(problem), ...((problem instanceof Problem && advice(problem)) || []));
      if (problem instanceof Problem) element.querySelector(`[name="${Object.keys(problem.errors)[0]}"]`)?.focus();
    }
    submit.disabled = false;
  };
  const element = h("form", { onsubmit }, heading(title), words && h("p", { class: "quiet" }, words), ...above, ...fields, error, submit, ...more);
  return element;
}

/** What has been done, and where to go on. */
export function notice(title, words, ...more) {
  return h("div", { class: "done" }, heading(title), h("p", { role: "status" }, words), ...more);
}

export function field(name, label, autocomplete, { type = "text", value = "", required = true } = {}) {
  const input = h("input", { id: `entrance-${name}`, name, type, autocomplete, value, required, autocapitalize: "none" });
  return h("div", { class: "labelled" }, h("label", { for: input.id }, label), input);
}

export function codeField(label) {
  return field("code", label, "one-time-code");
}

function heading(title) {
  return h("h1", { tabindex: -1 }, title);
}
