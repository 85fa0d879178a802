/** Getting in: logging in and registering, and what may stand between a password and the chat. */
import { button, h } from "../core/dom.js";
import { told } from "../core/problems.js";
import { codeField, field, form } from "./form.js";

export const ENROLMENT = "second_factor_enrolment_required";
const GREETING = "Answers from your organisation's own documents, with sources that you can check.";

/**
 * Which page that a mail's link leads to (mailed.js) the address names, and with what; undefined if it is none of these.
 * @param {string} hash
 * @returns {[name: string, given?: string] | undefined}
 */
export function mailedPage(hash) {
  const [, name, given] = /^#\/(verify|reset|forgot)(?:\/([\w-]+))?$/.exec(hash) ?? [];
  return name && (name === "forgot" || given) ? [name, given] : undefined;
}

/**
 * @param {import("./account.js").Account} account
 * @param {() => void} entered called when somebody is logged in
 * @param {{note?: string | null, page?: [string, string?], first?: () => Promise<any>, sso?: string}} [options] `page` is
 *   shown first; `first` is a log-in that was begun elsewhere; `sso` the name of an identity provider
 */
export function entrance(account, entered, { note, page = ["login"], first, sso } = {}) {
  const card = h("div", { class: "card" });
  const show = (element) => {
    card.replaceChildren(element);
    (card.querySelector("input") ?? card.querySelector("h1")).focus();
  };
  const go = async (name, given) => {
    const make = pages[name] ?? (await import("./mailed.js")).mailedPages[name];
    show(make({ account, attempt, note, sso, go }, given));
  };
  /** Log in by `act`, in as many steps as it takes; false ends it. Throws a Problem that the form at hand is to tell. */
  const attempt = async (act) => {
    try {
      if ((await act()) === false) return;
    } catch (problem) {
      if (problem.code === "second_factor_required") return go("code", problem.challenge);
      if (problem.code !== ENROLMENT) throw problem;
      const { enrolment } = await import("./second_factor.js");
      return show(await enrolment(account, () => attempt(() => account.read())));
    }
    entered();
  };
  queueMicrotask(async () => {
    await go(...page);
    if (first) attempt(first).catch((problem) => (card.querySelector(".error").textContent = told(problem)));
  });
  return h("section", { class: "entrance", "aria-label": "Log in" }, card);
}

const pages = {
  login: ({ account, attempt, note, sso, go }) => {
    const name = field("username", "User name or e-mail", "username");
    const typed = () => name.querySelector("input").value.trim();
    const again = () => go("resend", typed().includes("@") ? typed() : "");
    return form("Welcome", {
      words: note || GREETING,
      fields: [name, field("password", "Password", "current-password", { type: "password" })],
      label: "Log in",
      send: (username, password) => attempt(() => account.login(username.trim(), password)),
      advice: ({ code }) => code === "email_not_verified" && [" ", button("Send the mail again", again, { class: "as-link" })],
      more: [
        sso && h("a", { class: "button sso", href: "/api/auth/sso/start/" }, `Sign in with ${sso}`),
        h("p", { class: "turn" }, button("Forgot the password?", () => go("forgot"), { class: "as-link" })),
        turn("You have no account? ", "Register", () => go("register")),
      ],
    });
  },

  register: ({ account, attempt, note, go }) =>
    form("Make an account", {
      words: note || GREETING,
      fields: [
        field("username", "User name", "username"),
        field("email", "E-mail", "email", { type: "email" }),
        field("password", "Password", "new-password", { type: "password" }),
      ],
      label: "Register",
      send: (username, email, password) =>
        attempt(async () => {
          const inside = await account.register(username.trim(), email.trim(), password);
          if (!inside) await go("registered", email.trim());
          return inside;
        }),
      more: [turn("You have an account? ", "Log in", () => go("login"))],
    }),

  code: ({ account, attempt, go }, challenge) =>
    form("Second factor", {
      fields: [codeField("Code of your authenticator app, or a recovery code")],
      label: "Log in",
      send: (code) => attempt(() => account.answer(challenge, code)),
      more: [turn("", "Back", () => go("login"))],
    }),
};

function turn(words, label, onclick) {
  return h("p", { class: "quiet turn" }, words, button(label, onclick, { class: "as-link" }));
}
