/**
 * Who is logged in. The access token is kept in memory only; the refresh token in the browser's storage, so that the
 * session survives a reload and is shared by all windows. A server that answers without a refresh token keeps it in a
 * cookie (AUTH_COOKIES), which no script can read; then a mark is kept in its place.
 */
import { good, Problem } from "../core/problems.js";

const KEY = "grounded.refresh";
const IN_COOKIE = "cookie";
const JSON_TYPE = { "Content-Type": "application/json" };

export class Account {
  #access = null;

  /** @param {() => void} onend called when the session is over, in this window or another */
  constructor(onend) {
    this.onend = onend;
    this.profile = null;
    addEventListener("storage", (event) => event.key === KEY && !event.newValue && this.#forget());
  }

  /** Whether somebody is logged in, as known from before. */
  async resume() {
    if (!localStorage.getItem(KEY)) return false;
    await this.#refresh(null);
    return Boolean(this.#access) && this.read();
  }

  /** Whether the new account is logged in: where its address must be verified first, it is not. */
  async register(username, email, password) {
    await this.#send("register/", { username, email, password });
    try {
      return await this.login(username, password);
    } catch (error) {
      if (error instanceof Problem && error.code === "email_not_verified") return false;
      throw error;
    }
  }

  /** The account whose address is verified now. */
  async verify(token) {
    return (await this.#send("verify-email/", { token })).json();
  }

  resend(email) {
    return this.#send("verify-email/resend/", { email });
  }

  forgot(email) {
    return this.#send("password/reset/", { email });
  }

  reset(token, password) {
    return this.#send("password/reset/confirm/", { token, new_password: password });
  }

  login(username, password) {
    return this.#enter("login/", { username, password });
  }

  /** The second step of a log-in. */
  answer(challenge, code) {
    return this.#enter("login/totp/", { challenge, code });
  }

  /** With what the identity provider's log-in has left in the address. */
  signOn(code) {
    return this.#enter("sso/exchange/", { code });
  }

  async #enter(path, body) {
    this.#keep(await (await this.#send(path, body)).json());
    return this.read();
  }

  async logout() {
    const refresh = localStorage.getItem(KEY);
    await this.fetch("/api/auth/logout/", { method: "POST", headers: JSON_TYPE, body: JSON.stringify({ refresh }) }).catch(() => {});
    this.#forget();
  }

  /**
   * As the logged-in user; the access token is renewed when it has expired. Throws a Problem where the server refuses.
   * @param {string} path
   * @param {RequestInit} [options]
   */
  async fetch(path, options = {}) {
    const used = this.#access;
    let response = await this.#once(path, options);
    if (response.status === 401 && (await this.#refresh(used))) response = await this.#once(path, options);
    if (response.status === 401) this.#forget();
    return good(response);
  }

  #once(path, options) {
    return fetch(path, { ...options, headers: { ...options.headers, Authorization: `Bearer ${this.#access}` } });
  }

  async #send(path, body) {
    const proof = /(?:^|; )grounded_csrf=([^;]+)/.exec(document.cookie)?.[1];
    const headers = proof ? { ...JSON_TYPE, "X-Auth-CSRF": proof } : JSON_TYPE;
    return good(await fetch(`/api/auth/${path}`, { method: "POST", headers, body: JSON.stringify(body) }));
  }

  /** Who it is, once they may do more than set up a second factor. */
  async read() {
    this.profile = await (await this.fetch("/api/auth/me/")).json();
    return true;
  }

  /** A new access token. A refresh token is good for one exchange, so windows take turns and read it each time. */
  async #refresh(used) {
    const exchange = async () => {
      if (this.#access !== used) return true; // another request of this window was quicker
      const refresh = localStorage.getItem(KEY);
      if (!refresh) return false;
      try {
        this.#keep(await (await this.#send("refresh/", { refresh })).json());
        return true;
      } catch (error) {
        if (!(error instanceof Problem) || error.status >= 500) throw error; // unreachable is not logged out
        return false;
      }
    };
    // Pages without TLS have no locks.
    return navigator.locks ? navigator.locks.request(KEY, exchange) : exchange();
  }

  #keep({ access, refresh = IN_COOKIE }) {
    this.#access = access;
    localStorage.setItem(KEY, refresh);
  }

  #forget() {
    this.#access = null;
    this.profile = null;
    localStorage.removeItem(KEY);
    this.onend();
  }
}
