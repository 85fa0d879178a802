/**
 * What links in mails lead to, and asking for such a mail. Loaded when it is needed. A token stands behind the `#` of the address, which is sent
 * to no server and stands in no log.
 */
import { button, h } from "../core/dom.js";
import { field, form, notice } from "./form.js";

const backTo = (go) => h("p", { class: "turn" }, button("Back to the log-in", () => go("login"), { class: "as-link" }));

export const mailedPages = {
  // With a button: programs that follow the links in mails confirm nothing.
  verify: ({ account, go }, token) =>
    form("Confirm your e-mail address", {
      words: "With this you say that the address is yours.",
      label: "Confirm the address",
      send: async () => {
        const { username } = await account.verify(token);
        go("done", { title: "The address is confirmed", words: `Thank you. It is that of ${username} now.` });
      },
      advice: ({ code }) => code === "invalid_link" && [" ", button("Send the mail again", () => go("resend"), { class: "as-link" })],
      more: [backTo(go)],
    }),

  reset: ({ account, go }, token) =>
    form("Set a new password", {
      words: "All sessions of your account end then, on all devices.",
      fields: [field("new_password", "New password", "new-password", { type: "password" })],
      label: "Set the password",
      send: async (password) => {
        await account.reset(token, password);
        go("done", { title: "The new password is set", words: "You can log in with it now." });
      },
      advice: ({ code }) => code === "invalid_link" && [" ", button("Ask for another mail", () => go("forgot"), { class: "as-link" })],
      more: [backTo(go)],
    }),

  forgot: ({ account, go }) =>
    form("Forgot the password?", {
      words: "You get a mail with a link by which you set a new one.",
      fields: [address()],
      label: "Send the mail",
      send: async (email) => {
        await account.forgot(email.trim());
        go("sent", email.trim());
      },
      more: [backTo(go)],
    }),

  resend: ({ account, go }, given) =>
    form("Send the mail again", {
      words: "You get a mail with a link by which you confirm your address.",
      fields: [address(given)],
      label: "Send the mail",
      send: async (email) => {
        await account.resend(email.trim());
        go("sent", email.trim());
      },
      more: [backTo(go)],
    }),

  sent: ({ go }, email) =>
    notice(
      "Look into your mails",
      `If there is an account for ${email}, a mail is on its way. It may take some minutes, and lie among the spam.`,
      backTo(go),
    ),

  registered: ({ go }, email) =>
    notice(
      "Look into your mails",
      `A mail is on its way to ${email}. Follow the link in it, then log in.`,
      h("p", { class: "turn" }, button("Send the mail again", () => go("resend", email), { class: "as-link" })),
      backTo(go),
    ),

  // Whoever is logged in still goes on to the chat, others to the log-in.
  done: (_, { title, words }) => notice(title, words, button("Go on", () => location.reload(), { class: "button primary" })),
};

function address(value = "") {
  return field("email", "E-mail", "email", { type: "email", value });
}
