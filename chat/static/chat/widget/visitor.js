/** The visitors' API, for a page that need not be of the same website. Nobody logs in; a token opens the conversation. */
import { good, Problem } from "../core/problems.js";

const JSON_TYPE = { "Content-Type": "application/json" };
const STREAM = { ...JSON_TYPE, Accept: "text/event-stream" };

export class Visitor {
  #kept = { session_id: null, visitor_token: null };

  /** @param {string} server its origin */
  constructor(server) {
    this.server = server;
    this.key = `grounded-chat ${server}`;
    try {
      this.#kept = JSON.parse(localStorage.getItem(this.key)) ?? this.#kept;
    } catch {
      // No storage, or something else in it: the conversation lives as long as the page.
    }
  }

  /** Where a visitor with an account goes on with the conversation; null as long as there is none. */
  get address() {
    const { session_id: session, visitor_token: token } = this.#kept;
    return session && `${this.server}/#/visitor/${session}/${encodeURIComponent(token)}`;
  }

  forget() {
    this.#keep({ session_id: null, visitor_token: null });
  }

  /** @returns {import("../core/conversation.js").Backend} */
  backend() {
    const post = (id, action, body, headers = JSON_TYPE, signal = undefined) =>
      this.#send(`session/${this.#kept.session_id}/messages/${id}/${action}/`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
        signal,
      });
    return {
      ask: (content, key, signal) => this.#ask(content, signal),
      read: async (id) => (await this.#messages()).find((message) => message.id === id) ?? gone(),
      load: () => this.#messages(),
      openings: async () => (await (await this.#send("suggestions/")).json()).suggestions,
      begun: (body) => this.#keep(body),
      regenerate: (id, key, signal) => post(id, "regenerate", {}, STREAM, signal),
      stop: (id) => post(id, "stop", {}),
      rate: (id, feedback, comment) => post(id, "feedback", { feedback, comment }),
    };
  }

  async #ask(content, signal) {
    const send = () =>
      this.#send("ask/", {
        method: "POST",
        headers: STREAM,
        body: JSON.stringify({ message: content, session_id: this.#kept.session_id }),
        signal,
      });
    try {
      return await send();
    } catch (error) {
      if (!this.#over(error)) throw error;
      return send(); // in a new conversation
    }
  }

  async #messages() {
    if (!this.#kept.session_id) return [];
    try {
      const session = await (await this.#send(`session/${this.#kept.session_id}/`)).json();
      this.#keep(session);
      return session.messages;
    } catch (error) {
      if (this.#over(error)) return [];
      throw error;
    }
  }

  async #send(path, options = {}) {
    const { visitor_token: token } = this.#kept;
    const headers = token ? { ...options.headers, Authorization: `Visitor ${token}` } : options.headers;
    return good(await fetch(`${this.server}/api/chatbot/${path}`, { ...options, headers, credentials: "omit" }));
  }

  /** Whether the conversation can no longer be gone on with: its token has expired, or an account has taken it over. */
  #over(error) {
    const over = error instanceof Problem && [401, 404].includes(error.status) && Boolean(this.#kept.session_id);
    if (over) this.forget();
    return over;
  }

  #keep({ session_id, visitor_token }) {
    this.#kept = { session_id, visitor_token };
    try {
      localStorage.setItem(this.key, JSON.stringify(this.#kept));
    } catch {
      // As above.
    }
  }
}

function gone() {
  throw new Problem({ status: 404, detail: "The answer is no longer there." });
}
