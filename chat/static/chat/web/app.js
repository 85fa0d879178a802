/** The web chat. The address says which conversation is shown: `#/c/<id>`, or none for a new one. */
import { Conversation } from "../core/conversation.js";
import { button, h, icon } from "../core/dom.js";
import { told } from "../core/problems.js";
import { Account } from "./account.js";
import { Api } from "./api.js";
import { asked } from "./dialogs.js";
import { ENROLMENT, entrance, mailedPage } from "./entrance.js";
import { Sidebar } from "./sidebar.js";

const BROUGHT = "grounded.brought";
const app = document.getElementById("app");
const account = new Account(() => location.reload());
const api = new Api(account);
let sidebar = null;
let conversation = null;
let shown; // the id of the session, null for a new one
let title = null;

start();

// The link of a mail, put into a window where the chat is open already.
addEventListener("hashchange", () => mailedPage(location.hash) && location.reload());

async function start() {
  takeAlong();
  const page = mailedPage(location.hash);
  if (page) {
    history.replaceState(null, "", "#/"); // the token is not to be found in the browser's history
    app.replaceChildren(topBar(), entrance(account, () => location.reload(), { page }));
    return;
  }
  const note = sessionStorage.getItem(BROUGHT) && "Log in, and your conversation will be in your account.";
  const outside = (first) => app.replaceChildren(topBar(), entrance(account, enter, { note, first, sso: app.dataset.sso }));
  const begun = signOn();
  try {
    if (begun) outside(begun);
    else if (await account.resume()) await enter();
    else outside();
  } catch (error) {
    if (error.code === ENROLMENT) return outside(() => Promise.reject(error));
    app.replaceChildren(h("p", { class: "note alone" }, told(error), " ", button("Try again", start)));
  }
}

/** A visitor comes with a conversation: its id and token are in the address, where no server sees them. */
function takeAlong() {
  const brought = /^#\/visitor\/([\da-f-]{36})\/(.+)$/.exec(location.hash);
  if (!brought) return;
  sessionStorage.setItem(BROUGHT, JSON.stringify({ id: brought[1], token: decodeURIComponent(brought[2]) }));
  history.replaceState(null, "", "#/");
}

/** Somebody comes back from the identity provider: what finishes their log-in. */
function signOn() {
  const code = /^#\/sso\/([\w-]+)$/.exec(location.hash)?.[1];
  if (!code) return null;
  history.replaceState(null, "", "#/");
  return () => account.signOn(code);
}

/** Make the conversation that a visitor came with the user's own, and show it. */
async function claim() {
  const { id, token } = JSON.parse(sessionStorage.getItem(BROUGHT) ?? "{}");
  sessionStorage.removeItem(BROUGHT);
  if (id && (await api.claim(id, token).catch(() => null))) history.replaceState(null, "", `#/c/${id}`);
}

async function enter() {
  await claim();
  sidebar = new Sidebar(api, { profile: account.profile, begin, factor: async () => (await import("./second_factor.js")).factorDialog(account), logout: () => account.logout() });
  title = h("h1", { dir: "auto" });
  const scrim = h("div", { class: "scrim", onclick: () => toggleSidebar(false) });
  const main = h("main", { id: "main" });
  app.replaceChildren(sidebar.element, scrim, h("div", { class: "pane" }, topBar(title, menu()), main));
  app.classList.add("inside");
  sidebar.element.addEventListener("click", (event) => event.target.closest("a") && toggleSidebar(false));
  addEventListener("hashchange", show);
  addEventListener("keydown", (event) => event.key === "Escape" && toggleSidebar(false));
  sidebar.refresh();
  show();
}

function topBar(...more) {
  const inside = more.length > 0;
  return h(
    "header",
    { class: "top" },
    inside && button("Conversations", () => toggleSidebar(), { icon: "menu", class: "open-sidebar", "aria-controls": "sidebar", "aria-expanded": "false" }),
    !inside && h("span", { class: "brand" }, icon("chat"), "Grounded"),
    ...more,
    button("Light or dark", () => {}, { icon: "moon", "data-switch-theme": true }),
  );
}

function menu() {
  const act = (label, does) => button(label, () => {
    details.open = false;
    does();
  }, { class: "menu-item" });
  const items = h("div", { class: "menu-items" },
    act("Rename", rename),
    act("Export as Markdown", () => download("markdown", "md")),
    act("Export as JSON", () => download("json", "json")),
    act("Delete", remove));
  const details = h("details", { class: "menu", hidden: true },
    h("summary", { "aria-label": "This conversation", title: "This conversation" }, icon("more")), items);
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    details.open = false;
    details.querySelector("summary").focus();
  });
  addEventListener("click", (event) => {
    if (!details.contains(event.target)) details.open = false;
  });
  return details;
}

function toggleSidebar(open = !app.classList.contains("sidebar-open")) {
  app.classList.toggle("sidebar-open", open);
  const opener = app.querySelector(".open-sidebar");
  opener?.setAttribute("aria-expanded", String(open));
  if (open) sidebar.input.focus();
}

/** Begin a new conversation. */
function begin() {
  if (["", "#/"].includes(location.hash)) show();
  else location.hash = "#/";
}

/** Show the conversation that the address names. */
async function show() {
  const id = /^#\/c\/([\da-f-]{36})$/.exec(location.hash)?.[1] ?? null;
  toggleSidebar(false);
  if (id && id === shown) return;
  shown = id;
  conversation?.close();
  const mine = new Conversation(api.backend(id, (changed) => mine === conversation && adopt(changed)), {
    place: () => document.body,
    modal: true,
    greeting: "What would you like to know?",
  });
  conversation = mine;
  document.getElementById("main").replaceChildren(mine.element);
  sidebar.mark(id);
  name(id ? "" : "New conversation");
  await mine.open();
  if (id && mine === conversation) readTitle(id);
  if (matchMedia("(hover: hover)").matches) mine.composer.field.focus();
}

/** The conversation that is shown has a session now, or its session another place or title than before. */
async function adopt(id) {
  if (id !== shown) history.replaceState(null, "", `#/c/${id}`);
  shown = id;
  await Promise.all([sidebar.refresh(), readTitle(id)]);
  sidebar.mark(id);
}

async function readTitle(id) {
  const session = await api.session(id).catch(() => null);
  if (session && id === shown) name(session.title);
}

function name(text) {
  title.textContent = text;
  document.title = text ? `${text} · Grounded` : "Grounded";
  app.querySelector(".menu").toggleAttribute("hidden", !shown);
}

async function rename() {
  const answer = await asked("Rename this conversation", "Rename", { value: title.textContent });
  if (!answer) return;
  await attempt(async () => {
    await api.rename(shown, answer);
    name(answer);
    await sidebar.refresh();
  });
}

async function remove() {
  const text = "Its messages go with it. This cannot be undone.";
  if (!(await asked("Delete this conversation?", "Delete", { text, danger: true }))) return;
  await attempt(async () => {
    await api.remove(shown);
    begin();
    await sidebar.refresh();
  });
}

async function download(format, ending) {
  await attempt(async () => {
    const address = URL.createObjectURL(await api.exported(shown, format));
    const file = `${title.textContent.replace(/[^\p{L}\p{N} _-]/gu, "").trim().slice(0, 80) || "conversation"}.${ending}`;
    h("a", { href: address, download: file }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  });
}

async function attempt(act) {
  try {
    await act();
  } catch (error) {
    conversation.composer.complain(told(error));
  }
}
