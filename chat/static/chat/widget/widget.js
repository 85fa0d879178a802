/**
 * `<grounded-chat>`: the chat for visitors, on any page. What it shows is in a shadow root, so that neither the page's
 * styles nor its own get in each other's way. The conversation's modules are loaded when it is opened first.
 *
 * Attributes: `title`, `greeting`, `placeholder`, `theme` (light or dark; without it as the system has it), `side` (start or
 * end), `account` (off: no offer to keep the conversation in one), `server` (where this script came from). `open` says and decides whether it is open. Custom properties named
 * `--chat-*` (core/chat.css) theme it.
 */
import { button, h } from "../core/dom.js";
import { Visitor } from "./visitor.js";

const sheets = await Promise.all(["../core/chat.css", "widget.css"].map(read));

class GroundedChat extends HTMLElement {
  static observedAttributes = ["open"];

  connectedCallback() {
    if (this.shadowRoot) return;
    this.visitor = new Visitor(this.getAttribute("server") ?? new URL(import.meta.url).origin);
    const title = this.getAttribute("title") || "Chat";
    this.removeAttribute("title"); // it would be a tooltip over everything
    this.launcher = button(title, () => this.toggleAttribute("open"), {
      icon: "chat",
      class: "launcher",
      "aria-expanded": "false",
      "aria-controls": "panel",
    });
    this.room = h("div", { class: "room" });
    this.keep = h("a", { target: "_blank", rel: "noopener", hidden: true }, "Keep in my account");
    this.panel = h(
      "section",
      { class: "panel", id: "panel", role: "dialog", "aria-label": title, hidden: true },
      h(
        "header",
        {},
        h("h2", { dir: "auto" }, title),
        this.keep,
        button("New conversation", () => this.#begin(), { icon: "plus" }),
        button("Close", () => this.removeAttribute("open"), { icon: "close" }),
      ),
      this.room,
    );
    this.panel.addEventListener("keydown", (event) => event.key === "Escape" && this.removeAttribute("open"));
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = sheets;
    root.append(this.panel, this.launcher);
    this.#turn();
  }

  attributeChangedCallback() {
    if (this.shadowRoot) this.#turn();
  }

  async #turn() {
    const open = this.hasAttribute("open");
    const was = !this.panel.hidden;
    this.panel.hidden = !open;
    this.launcher.setAttribute("aria-expanded", String(open));
    if (!open) {
      if (was) this.launcher.focus();
      return;
    }
    if (!this.conversation) await this.#converse();
    this.conversation.composer.field.focus({ preventScroll: true });
  }

  async #converse() {
    const { Conversation } = await import("../core/conversation.js");
    const backend = this.visitor.backend();
    const offer = () => {
      this.keep.hidden = !this.visitor.address || this.getAttribute("account") === "off";
      this.keep.href = this.visitor.address ?? "";
    };
    this.conversation?.close();
    this.conversation = new Conversation(
      { ...backend, begun: (body) => (backend.begun(body), offer()) },
      {
        place: () => this.panel,
        modal: false,
        greeting: this.getAttribute("greeting") || "How can we help?",
        placeholder: this.getAttribute("placeholder") || undefined,
      },
    );
    this.room.replaceChildren(this.conversation.element);
    await this.conversation.open();
    offer();
  }

  async #begin() {
    this.visitor.forget();
    await this.#converse();
    this.conversation.composer.field.focus();
  }
}

async function read(name) {
  const sheet = new CSSStyleSheet();
  await sheet.replace(await (await fetch(new URL(name, import.meta.url))).text());
  return sheet;
}

/** One script tag is enough: without an element of its own the page gets one, with the tag's `data-` attributes. */
function place() {
  if (document.querySelector("grounded-chat")) return;
  /** @type {HTMLScriptElement | null} */
  const tag = document.querySelector('script[src*="/api/chatbot/widget.js"]');
  document.body.append(h("grounded-chat", { ...tag?.dataset }));
}

if (!customElements.get("grounded-chat")) {
  customElements.define("grounded-chat", GroundedChat);
  if (document.body) place();
  else addEventListener("DOMContentLoaded", place);
}
