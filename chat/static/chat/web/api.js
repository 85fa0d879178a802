/** The chat API, for the web chat. */

const STREAM = { "Content-Type": "application/json", Accept: "text/event-stream" };
const JSON_TYPE = { "Content-Type": "application/json" };

export class Api {
  /** @param {import("./account.js").Account} account */
  constructor(account) {
    this.account = account;
  }

  async json(path, method = "GET", body = undefined) {
    const options = body === undefined ? { method } : { method, headers: JSON_TYPE, body: JSON.stringify(body) };
    const response = await this.account.fetch(`/api/chat/${path}`, options);
    return response.status === 204 ? null : response.json();
  }

  /** A page of sessions, of those that hold the words if there are any. */
  sessions(query, page) {
    return this.json(`sessions/?${new URLSearchParams({ q: query, page: String(page), page_size: "30" })}`);
  }

  session(id) {
    return this.json(`sessions/${id}/`);
  }

  rename(id, title) {
    return this.json(`sessions/${id}/`, "PATCH", { title });
  }

  remove(id) {
    return this.json(`sessions/${id}/`, "DELETE");
  }

  /** Take over a conversation that was a visitor's. */
  async claim(id, token) {
    const options = { method: "POST", headers: JSON_TYPE, body: JSON.stringify({ visitor_token: token }) };
    return (await this.account.fetch(`/api/chatbot/session/${id}/claim/`, options)).json();
  }

  /** A file. */
  async exported(id, format) {
    const response = await this.account.fetch(`/api/chat/sessions/${id}/export/?format=${format}`);
    return response.blob();
  }

  /**
   * What answers in one session; without an id, in the one that the first question makes.
   * @param {string | null} session
   * @param {(id: string) => void} changed told the session that was made, or in which an answer has ended
   * @returns {import("../core/conversation.js").Backend}
   */
  backend(session, changed) {
    const stream = (path, body, key, signal) =>
      this.account.fetch(`/api/chat/${path}`, {
        method: "POST",
        headers: { ...STREAM, "Idempotency-Key": key },
        body: JSON.stringify(body),
        signal,
      });
    return {
      repeatable: true,
      ask: (content, key, signal) => stream("messages/", { content, session_id: session }, key, signal),
      regenerate: (id, key, signal) => stream(`messages/${id}/regenerate/`, {}, key, signal),
      edit: (id, content, key, signal) => stream(`messages/${id}/edit/`, { content }, key, signal),
      choose: (id) => this.json(`messages/${id}/choose/`, "POST", {}),
      stop: (id) => this.json(`messages/${id}/stop/`, "POST", {}),
      rate: (id, feedback, comment) => this.json(`messages/${id}/feedback/`, "POST", { feedback, comment }),
      read: (id) => this.json(`messages/${id}/`),
      load: () => (session ? this.#messages(session) : Promise.resolve([])),
      openings: async () => (await this.json("suggestions/")).suggestions,
      begun: (body) => {
        if (!session) changed((session = body.session_id));
      },
      ended: (message) => changed((session ??= message.session_id)),
    };
  }

  async #messages(session) {
    const found = [];
    for (let page = 1; ; page += 1) {
      const { results, next } = await this.json(`sessions/${session}/messages/?page=${page}&page_size=100`);
      found.push(...results);
      if (!next) return found;
    }
  }
}
