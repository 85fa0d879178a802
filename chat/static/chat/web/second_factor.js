/** The second factor: setting it up with an authenticator app, and doing away with it. Loaded when it is needed. */
import { button, h } from "../core/dom.js";
import { told } from "../core/problems.js";
import { codeField, field, form } from "./form.js";

const ADDRESS = "/api/auth/totp/";

/**
 * Setting one up, in two steps: scan and confirm, then keep the recovery codes.
 * @param {import("./account.js").Account} account
 * @param {() => void} done
 */
export async function enrolment(account, done) {
  const { secret, qr } = await (await account.fetch(ADDRESS, { method: "POST" })).json();
  const element = form("Set up a second factor", {
    words: "Scan this with an authenticator app, or type the key into it. Log-ins then need a code of the app.",
    above: [h("img", { class: "qr", src: qr, alt: "The key as a QR code" }), h("p", { class: "key" }, secret.match(/.{4}/g).join(" "))],
    fields: [codeField("Code that the app shows")],
    label: "Confirm",
    send: async (code) => {
      const { recovery_codes: codes } = await (await sent(account, "confirm/", { code })).json();
      element.replaceWith(recoveryCodes(codes, done));
    },
  });
  return element;
}

function recoveryCodes(codes, done) {
  const go = button("I have kept them", done, { class: "button primary" });
  queueMicrotask(() => go.focus());
  return h("section", { class: "recovery" },
    h("h1", {}, "Recovery codes"),
    h("p", { class: "quiet" }, "Keep them in a safe place. Each is good for one log-in without the app. They are not shown again."),
    h("ul", {}, ...codes.map((code) => h("li", {}, code))),
    go);
}

/** @param {import("./account.js").Account} account */
export async function factorDialog(account) {
  const close = () => dialog.close();
  const dialog = h("dialog", { class: "small-dialog card", "aria-label": "Second factor", onclose: () => dialog.remove() });
  try {
    const { enabled, recovery_codes_left: left } = await (await account.fetch(ADDRESS)).json();
    dialog.append(enabled ? disabling(account, left, close) : await enrolment(account, close));
  } catch (error) {
    dialog.append(h("p", { class: "error", role: "alert" }, told(error)));
  }
  dialog.append(button("Close", close, { class: "as-link" }));
  document.body.append(dialog);
  dialog.showModal();
}

function disabling(account, left, done) {
  return form("Second factor", {
    words: `Your log-ins need a code of your authenticator app. You have ${left} recovery codes.`,
    fields: [
      // Who comes from the identity provider has none.
      field("password", "Password", "current-password", { type: "password", required: false }),
      codeField("Code of the app, or a recovery code"),
    ],
    label: "Do without it",
    send: async (password, code) => {
      await sent(account, "disable/", { password, code });
      done();
    },
  });
}

function sent(account, path, body) {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return account.fetch(`${ADDRESS}${path}`, options);
}
