/** A conversation: its messages, the field to ask in, and the one answer that may be being written. */
import { Composer } from "./composer.js";
import { button, h } from "./dom.js";
import { exchange } from "./exchange.js";
import { MessageView } from "./message.js";
import { textOf } from "./passage.js";
import { told } from "./problems.js";

/**
 * Who answers. What is missing is not offered.
 * @typedef {object} Backend
 * @property {(content: string, key: string, signal: AbortSignal) => Promise<Response>} ask
 * @property {(id: string) => Promise<any>} read
 * @property {boolean} [repeatable] whether a request that is sent again with its key is answered once
 * @property {() => Promise<any[]>} load the messages that are shown
 * @property {() => Promise<string[]>} openings questions to begin with
 * @property {(body: any) => void} [begun] told the first event of each answer
 * @property {(message: any) => void} [ended]
 * @property {(id: string) => Promise<any>} [stop]
 * @property {(id: string, key: string, signal: AbortSignal) => Promise<Response>} [regenerate]
 * @property {(id: string, content: string, key: string, signal: AbortSignal) => Promise<Response>} [edit]
 * @property {(id: string) => Promise<any>} [choose]
 * @property {(id: string, feedback: string | null, comment?: string) => Promise<any>} [rate]
 */

export class Conversation {
  /**
   * @param {Backend} backend
   * @param {{place: () => ParentNode, modal: boolean, greeting: string, placeholder?: string}} options
   */
  constructor(backend, options) {
    this.backend = backend;
    this.options = options;
    this.running = null;
    this.composer = new Composer({
      ask: (content) => this.ask(content),
      stop: () => this.stop(),
      placeholder: options.placeholder,
    });
    this.list = h("ol", { class: "messages", "aria-label": "Messages" });
    this.welcome = h("div", { class: "welcome" });
    this.scroller = h("div", { class: "scroller", tabindex: "-1" }, this.welcome, this.list);
    this.status = h("p", { class: "hidden", role: "status" });
    this.element = h("div", { class: "conversation" }, this.scroller, this.composer.element, this.status);
    /** @type {MessageView[]} */
    this.views = [];
    this.actions = this.#actions();
    this.scroller.addEventListener("scroll", () => {
      const { scrollHeight, scrollTop, clientHeight } = this.scroller;
      this.following = scrollHeight - scrollTop - clientHeight < 60;
    });
    this.following = true;
  }

  /** Show what there is. */
  open() {
    this.loading = this.#load();
    return this.loading;
  }

  async #load() {
    try {
      this.#show(await this.backend.load());
    } catch (error) {
      this.list.replaceChildren(h("li", { class: "note" }, told(error), " ", button("Try again", () => this.open())));
      return;
    }
    const last = this.views.at(-1);
    if (!last) this.#greet();
    else if (last.message.status === "streaming") this.#watch(last);
  }

  /** Ask something new at the end. @param {string} content */
  async ask(content) {
    await this.loading;
    if (this.running) return;
    const question = this.#add("user");
    question.setText(content);
    this.composer.clear();
    this.#run(question, this.#add("bot"), (key, signal) => this.backend.ask(content, key, signal), () => {
      this.#cut(question);
      this.composer.text = content;
    });
  }

  async stop() {
    const running = this.running;
    if (!running) return;
    if (!running.id || !this.backend.stop) {
      running.control.abort();
      return;
    }
    setTimeout(() => running.control.abort(), 4000); // it should have ended by itself
    await this.backend.stop(running.id).catch(() => running.control.abort());
  }

  /** Leave it; what is being written goes on without us where the server lets it. */
  close() {
    this.closed = true;
    this.running?.control.abort();
    this.element.remove();
  }

  /** @param {string} text */
  announce(text) {
    this.status.textContent = text;
  }

  /** @returns {import("./message.js").Actions} */
  #actions() {
    const { backend, options } = this;
    const conversation = this;
    return {
      get place() {
        return options.place();
      },
      modal: options.modal,
      announce: (text) => this.announce(text),
      ask: (content) => this.ask(content),
      rate: backend.rate,
      regenerate: backend.regenerate && ((view) => conversation.#regenerate(view)),
      edit: backend.edit && ((view, content) => conversation.#edit(view, content)),
      choose: backend.choose && ((id) => conversation.#choose(id)),
    };
  }

  #regenerate(view) {
    if (this.running) return;
    const old = view.message;
    this.#cut(this.views[this.views.indexOf(view) + 1]);
    this.#run(null, view, (key, signal) => this.backend.regenerate(old.id, key, signal), () => view.setMessage(old));
  }

  #edit(view, content) {
    if (this.running) return;
    const old = view.message;
    this.#cut(this.views[this.views.indexOf(view) + 1]);
    view.setText(content);
    this.#run(view, this.#add("bot"), (key, signal) => this.backend.edit(old.id, content, key, signal), () => this.open());
  }

  async #choose(id) {
    if (this.running) return;
    try {
      await this.backend.choose(id);
      this.#show(await this.backend.load(), false);
      this.announce("Another version is shown.");
      this.list.querySelector(`[data-id="${CSS.escape(id)}"] .versions button:enabled`)?.focus();
    } catch (error) {
      this.composer.complain(told(error));
    }
  }

  /** Have an answer written into a view. `undo` is called where nothing came of it. */
  async #run(question, answer, send, undo) {
    const control = new AbortController();
    const running = { control, id: null, text: "", view: answer };
    this.running = running;
    this.#setBusy(true);
    answer.wait();
    this.following = true;
    this.#follow();
    this.announce("The answer is being written.");
    let ended = null;
    let failure = null;
    const { read, repeatable = false } = this.backend;
    for await (const event of exchange({ send, read, repeatable, signal: control.signal })) {
      if (event.name === "done") ended = { ...event.body, lost: event.lost };
      else if (event.name === "error") failure = event.body;
      else this.#hear(running, event, question);
    }
    cancelAnimationFrame(running.frame);
    this.running = null;
    this.#setBusy(false);
    if (this.closed) return;
    running.id ??= failure?.messageId ?? null;
    if (!ended && failure && running.id) ended = await this.backend.read(running.id).catch(() => null);
    if (!ended && failure && !running.id) {
      undo();
      this.#complain(told(failure));
      return;
    }
    const { id, text } = running;
    ended ??= { id, content: text, status: failure ? "failed" : "stopped", citations: [...answer.citations.values()] };
    answer.setMessage(ended);
    this.backend.ended?.(ended);
    if (question && !question.message && ended.id) await this.open(); // only the end was told, of a request sent again
    this.#follow();
    this.announce(ended.status === "complete" ? `Answer: ${textOf(answer.body)}` : "The answer has ended early.");
  }

  /** @param {{name: string, body?: any}} event */
  #hear(running, event, question) {
    const { name, body } = event;
    if (name === "sources") {
      running.id = body.message_id;
      running.view.setCitations(body.sources ?? []);
      if (question && body.user_message) question.setMessage(body.user_message);
      this.backend.begun?.(body);
    } else if (name === "delta" || name === "restart") {
      running.text = name === "delta" ? running.text + body.text : "";
      running.frame ||= requestAnimationFrame(() => {
        running.frame = 0;
        running.view.setText(running.text);
        this.#follow();
      });
    } else if (name === "waiting") {
      running.view.foot.replaceChildren();
      running.view.note("The connection was lost. Trying again…");
      this.announce("The connection was lost. Trying again.");
    }
  }

  /** An answer that another window is having written. */
  async #watch(view) {
    while (view.message.status === "streaming" && !this.closed) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      view.setMessage(await this.backend.read(view.message.id).catch(() => view.message));
      this.#follow();
    }
  }

  #show(messages, toEnd = true) {
    this.#cut(this.views[0]);
    for (const message of messages) this.#add(message.sender_type).setMessage(message);
    this.following = toEnd;
    this.#follow();
  }

  #add(sender) {
    this.welcome.replaceChildren();
    this.list.querySelector(":scope > .note")?.remove();
    const view = new MessageView(sender, this.actions);
    this.views.push(view);
    this.list.append(view.element);
    return view;
  }

  /** Take a message away with all that come after it. */
  #cut(view) {
    const from = view ? this.views.indexOf(view) : -1;
    if (from >= 0) for (const each of this.views.splice(from)) each.element.remove();
  }

  #complain(text) {
    if (!this.views.length) this.#greet();
    this.composer.complain(text);
  }

  async #greet() {
    this.welcome.replaceChildren(h("h2", {}, this.options.greeting));
    const questions = await this.backend.openings().catch(() => []);
    if (this.views.length || !questions.length) return;
    const chips = questions.map((text) => button(text, () => this.ask(text), { class: "opening", dir: "auto" }));
    this.welcome.append(h("div", { class: "openings", role: "group", "aria-label": "Questions to begin with" }, ...chips));
  }

  /** While an answer is written nothing else of the conversation may be changed. */
  #setBusy(busy) {
    this.composer.busy = busy;
    this.list.classList.toggle("busy", busy);
  }

  #follow() {
    if (this.following) this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}
