/** Logging in and registering, and what may stand between a password and the chat: a code, or setting up a second factor. */
import { button, h } from "../core/dom.js";
import { told } from "../core/problems.js";
import { asking, codeField, field } from "./forms.js";

export const ENROLMENT = "second_factor_enrolment_required";

/**
 * @param {import("./account.js").Account} account
 * @param {() => void} entered
 * @param {{note?: string | null, first?: () => Promise<any>, sso?: string}} [options] `first` is a log-in that was begun
 *   elsewhere; `sso` the name of an identity provider
 */
export function entrance(account, entered, { note = "", first, sso } = {}) {
  const card = h("div", { class: "card" });
  const show = (element) => {
    card.replaceChildren(element);
    card.querySelector("input")?.focus();
  };
  const shown = (registering) => {
    const turn = () => shown(!registering);
    show(form(account, attempt, { registering, turn, note, sso }));
  };
  /** Log in by `act`, in as many steps as it takes. Throws a Problem that the form at hand is to tell. */
  const attempt = async (act) => {
    try {
      await act();
    } catch (problem) {
      if (problem.code === "second_factor_required") return show(codeForm(account, attempt, problem.challenge, () => shown(false)));
      if (problem.code === ENROLMENT) {
        const { enrolment } = await import("./second_factor.js");
        return show(await enrolment(account, () => attempt(() => account.read())));
      }
      throw problem;
    }
    entered();
  };
  const element = h("section", { class: "entrance", "aria-label": "Log in" }, card);
  queueMicrotask(() => {
    shown(false);
    if (first) attempt(first).catch((problem) => (card.querySelector(".error").textContent = told(problem)));
  });
  return element;
}

function form(account, attempt, { registering, turn, note, sso }) {
  const username = field("username", registering ? "User name" : "User name or e-mail", "username");
  const email = registering && field("email", "E-mail", "email", "email");
  const password = field("password", "Password", registering ? "new-password" : "current-password", "password");
  const submit = () => {
    const [name, address, secret] = [username, email, password].map((each) => each && each.querySelector("input").value);
    return attempt(() => registering ? account.register(name.trim(), address.trim(), secret) : account.login(name.trim(), secret));
  };
  return asking(submit, registering ? "Make an account" : "Welcome", registering ? "Register" : "Log in",
    [
      h("p", { class: "quiet" }, note || "Answers from your organisation's own documents, with sources that you can check."),
      username,
      email,
      password,
    ],
    [
      sso && !registering && h("a", { class: "button sso", href: "/api/auth/sso/start/" }, `Sign in with ${sso}`),
      h("p", { class: "quiet turn" }, registering ? "You have an account? " : "You have no account? ",
        button(registering ? "Log in" : "Register", turn, { class: "as-link" })),
    ]);
}

function codeForm(account, attempt, challenge, back) {
  const code = codeField("Code of your authenticator app, or a recovery code");
  const submit = () => attempt(() => account.answer(challenge, code.querySelector("input").value));
  return asking(submit, "Second factor", "Log in", [code],
    [h("p", { class: "quiet turn" }, button("Back", back, { class: "as-link" }))]);
}
