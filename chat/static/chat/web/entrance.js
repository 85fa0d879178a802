/** Logging in and registering. */
import { button, h } from "../core/dom.js";
import { Problem, told } from "../core/problems.js";

/**
 * @param {import("./account.js").Account} account
 * @param {() => void} entered
 * @param {string} [note]
 */
export function entrance(account, entered, note = "") {
  const card = h("div", { class: "card" });
  const show = (registering) => {
    card.replaceChildren(form(account, entered, registering, () => show(!registering), note));
    card.querySelector("input").focus();
  };
  const element = h("section", { class: "entrance", "aria-label": "Log in" }, card);
  queueMicrotask(() => show(false));
  return element;
}

function form(account, entered, registering, turn, note) {
  const username = field("username", registering ? "User name" : "User name or e-mail", "username");
  const email = registering && field("email", "E-mail", "email", "email");
  const password = field("password", "Password", registering ? "new-password" : "current-password", "password");
  const error = h("p", { class: "error", role: "alert" });
  const send = h("button", { class: "button primary" }, registering ? "Register" : "Log in");
  const submit = async (event) => {
    event.preventDefault();
    send.disabled = true;
    error.textContent = "";
    const [name, address, secret] = [username, email, password].map((each) => each && each.querySelector("input").value);
    try {
      if (registering) await account.register(name.trim(), address.trim(), secret);
      else await account.login(name.trim(), secret);
      entered();
    } catch (problem) {
      error.textContent = told(problem);
      if (problem instanceof Problem) element.querySelector(`[name="${Object.keys(problem.errors)[0]}"]`)?.focus();
    }
    send.disabled = false;
  };
  const element = h(
    "form",
    { onsubmit: submit },
    h("h1", {}, registering ? "Make an account" : "Welcome"),
    h("p", { class: "quiet" }, note || "Answers from your organisation's own documents, with sources that you can check."),
    username,
    email,
    password,
    error,
    send,
    h("p", { class: "quiet turn" }, registering ? "You have an account? " : "You have no account? ",
      button(registering ? "Log in" : "Register", turn, { class: "as-link" })),
  );
  return element;
}

function field(name, label, autocomplete, type = "text") {
  const input = h("input", { id: `entrance-${name}`, name, type, autocomplete, required: true, autocapitalize: "none" });
  return h("div", { class: "labelled" }, h("label", { for: input.id }, label), input);
}
