/** The conversations of the user, with a search over them. */
import { button, h, icon } from "../core/dom.js";
import { told } from "../core/problems.js";

const DAY = 24 * 3600 * 1000;

export class Sidebar {
  /**
   * @param {import("./api.js").Api} api
   * @param {{profile: any, begin: () => void, logout: () => void}} options
   */
  constructor(api, { profile, begin, factor, logout }) {
    this.api = api;
    this.current = null;
    this.page = 1;
    this.found = [];
    this.input = h("input", { type: "search", placeholder: "Search", "aria-label": "Search your conversations" });
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.refresh(), 250);
    });
    this.list = h("div", { class: "sessions" });
    this.element = h(
      "nav",
      { class: "sidebar", id: "sidebar", "aria-label": "Conversations" },
      h("button", { type: "button", class: "button new", onclick: begin }, icon("plus"), "New conversation"),
      this.input,
      this.list,
      h("div", { class: "who" },
        h("span", { class: "avatar", "aria-hidden": "true" }, [...profile.username][0].toUpperCase()),
        h("span", { class: "name" }, profile.username),
        button("Second factor", factor, { icon: "lock" }),
        button("Log out", logout, { class: "as-link" })),
    );
  }

  /** Read the first page anew. */
  async refresh() {
    this.page = 1;
    this.found = [];
    await this.#read();
  }

  /** @param {string | null} id */
  mark(id) {
    this.current = id;
    for (const each of this.list.querySelectorAll("a")) {
      if (each.dataset.id === id) each.setAttribute("aria-current", "page");
      else each.removeAttribute("aria-current");
    }
  }

  async #read() {
    const query = this.input.value.trim();
    try {
      const { results, next } = await this.api.sessions(query, this.page);
      if (query !== this.input.value.trim()) return; // somebody typed on
      this.found.push(...results);
      this.#show(query, next);
    } catch (error) {
      this.list.replaceChildren(h("p", { class: "quiet" }, told(error)));
    }
  }

  #show(query, next) {
    const groups = grouped(this.found);
    this.list.replaceChildren(
      ...[...groups].map(([title, sessions]) =>
        h("section", {}, h("h2", {}, title), h("ul", {}, ...sessions.map((session) => this.#item(session))))),
      ...(next ? [button("Show more", () => this.#more(), { class: "as-link" })] : []),
    );
    if (!this.found.length) {
      this.list.append(h("p", { class: "quiet" }, query ? "Nothing found." : "Your conversations will be here."));
    }
    this.mark(this.current);
  }

  #more() {
    this.page += 1;
    this.#read();
  }

  #item({ id, title }) {
    return h("li", {}, h("a", { href: `#/c/${id}`, "data-id": id, dir: "auto", title }, title || "New conversation"));
  }
}

function age({ updated_at: at }) {
  const days = Math.floor((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / DAY + 0.5);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  return days <= 7 ? "Last seven days" : "Earlier";
}

function grouped(sessions) {
  const groups = new Map();
  for (const session of sessions) groups.set(age(session), [...(groups.get(age(session)) ?? []), session]);
  return groups;
}
