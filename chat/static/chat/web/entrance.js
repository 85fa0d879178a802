/** Getting in: logging in, registering, and the pages that links in mails lead to. */
import { button, h } from "../core/dom.js";
import { field, form } from "./form.js";
import { mailedPages } from "./mailed.js";

/**
 * @param {import("./account.js").Account} account
 * @param {() => void} entered
 * @param {string} [note]
 * @param {[name: string, given?: any]} [page] what is shown first
 */
export function entrance(account, entered, note = "", page = ["login"]) {
  const card = h("div", { class: "card" });
  const go = (name, given) => {
    card.replaceChildren(pages[name]({ account, entered, note, go }, given));
    (card.querySelector("input") ?? card.querySelector("h1")).focus();
  };
  queueMicrotask(() => go(...page));
  return h("section", { class: "entrance", "aria-label": "Log in" }, card);
}

const GREETING = "Answers from your organisation's own documents, with sources that you can check.";

const pages = {
  login: ({ account, entered, note, go }) => {
    const name = field("username", "User name or e-mail", "username");
    const again = () => go("resend", typed(name).includes("@") ? typed(name) : "");
    return form("Welcome", {
      words: note || GREETING,
      fields: [name, field("password", "Password", "current-password", { type: "password" })],
      label: "Log in",
      send: async (username, password) => {
        await account.login(username.trim(), password);
        entered();
      },
      advice: ({ code }) => code === "email_not_verified" && [" ", button("Send the mail again", again, { class: "as-link" })],
      more: [
        h("p", { class: "turn" }, button("Forgot the password?", () => go("forgot"), { class: "as-link" })),
        turn("You have no account? ", "Register", () => go("register")),
      ],
    });
  },

  register: ({ account, entered, note, go }) =>
    form("Make an account", {
      words: note || GREETING,
      fields: [
        field("username", "User name", "username"),
        field("email", "E-mail", "email", { type: "email" }),
        field("password", "Password", "new-password", { type: "password" }),
      ],
      label: "Register",
      send: async (username, email, password) => {
        if (await account.register(username.trim(), email.trim(), password)) entered();
        else go("registered", email.trim());
      },
      more: [turn("You have an account? ", "Log in", () => go("login"))],
    }),

  ...mailedPages,
};

function turn(words, label, onclick) {
  return h("p", { class: "quiet turn" }, words, button(label, onclick, { class: "as-link" }));
}

function typed(field) {
  return field.querySelector("input").value.trim();
}
