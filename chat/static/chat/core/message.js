/** One message of a conversation, as it is shown. */
import { button, h, icon } from "./dom.js";
import { showMarkdown } from "./markdown.js";
import { claimBefore, openPassage } from "./passage.js";
import { told } from "./problems.js";

/**
 * What may be done with a message. Buttons are shown for what is there.
 * @typedef {object} Actions
 * @property {(content: string) => void} ask
 * @property {ParentNode} place where dialogs are put
 * @property {boolean} modal
 * @property {(text: string) => void} announce
 * @property {(view: MessageView) => void} [regenerate]
 * @property {(view: MessageView, content: string) => void} [edit]
 * @property {(id: string) => void} [choose]
 * @property {(id: string, feedback: string | null, comment?: string) => Promise<any>} [rate]
 */

export class MessageView {
  /**
   * @param {"user" | "bot" | "system"} sender
   * @param {Actions} actions
   */
  constructor(sender, actions) {
    this.actions = actions;
    this.message = null;
    this.citations = new Map();
    this.cite = (marker) => this.#citeButton(marker);
    this.body = h("div", { class: "body", dir: "auto" });
    this.foot = h("div", { class: "foot" });
    this.sender = sender;
    this.element = h(
      "li",
      { class: `message ${sender}` },
      h("span", { class: "hidden" }, sender === "user" ? "You:" : "Answer:"),
      this.body,
      this.foot,
    );
  }

  /** Dots, until the first words come. */
  wait() {
    this.body.replaceChildren(h("span", { class: "typing", "aria-hidden": "true" }, h("i"), h("i"), h("i")));
    this.element.classList.add("writing");
    this.foot.replaceChildren();
  }

  /** @param {import("./passage.js").Citation[]} citations */
  setCitations(citations) {
    this.citations = new Map(citations.map((citation) => [citation.marker, citation]));
    this.cite = (marker) => this.#citeButton(marker);
  }

  /** @param {string} text */
  setText(text) {
    if (this.sender === "user") {
      this.body.textContent = text;
      return;
    }
    this.body.querySelector(":scope > .typing")?.remove();
    showMarkdown(this.body, text, this.cite);
  }

  /** @param {any} message as the API gives it */
  setMessage(message) {
    this.message = message;
    this.element.dataset.id = message.id ?? "";
    this.element.classList.toggle("writing", message.status === "streaming");
    this.setCitations(message.citations ?? []);
    this.setText(message.content);
    if (message.status === "streaming" && !message.content) this.wait();
    this.foot.replaceChildren(...(this.sender === "user" ? this.#questionFoot() : this.#answerFoot()));
  }

  /** A line under the message. @param {string} text */
  note(text, ...more) {
    this.foot.prepend(h("p", { class: "note" }, text, ...more));
  }

  #citeButton(marker) {
    const citation = this.citations.get(marker);
    if (!citation) return null;
    const open = (event) => this.#open(citation, claimBefore(event.currentTarget));
    return h("sup", { class: "cite" }, button(String(marker), open, { class: "marker", ...named(citation) }));
  }

  #open(citation, claim) {
    openPassage(citation, claim, this.actions.place, this.actions.modal);
  }

  #questionFoot() {
    const { edit } = this.actions;
    const tools = [edit && button("Edit the question", () => this.#edit(), { icon: "edit" }), ...this.#versions()];
    return [h("div", { class: "tools" }, ...tools)];
  }

  #answerFoot() {
    const { message, actions } = this;
    if (message.status === "streaming") return [];
    const again = () => actions.regenerate(this);
    const repeat = actions.regenerate && message.id;
    return [
      ...notes(message).map((text) => h("p", { class: "note" }, text)),
      message.status === "failed" && repeat && button("Try again", again),
      this.#sources(),
      h(
        "div",
        { class: "tools" },
        button("Copy", (event) => this.#copy(event.currentTarget), { icon: "copy" }),
        ...(actions.rate && message.id ? this.#thumbs() : []),
        repeat && button("Answer once more", again, { icon: "again" }),
        ...this.#versions(),
      ),
      h(
        "div",
        { class: "suggestions" },
        ...(message.suggestions ?? []).map((text) => button(text, () => actions.ask(text), { class: "chip", dir: "auto" })),
      ),
    ].filter(Boolean);
  }

  #sources() {
    if (!this.citations.size) return null;
    const items = [...this.citations.values()].map((citation) =>
      h(
        "li",
        {},
        h(
          "button",
          { type: "button", class: "source", title: named(citation).title, onclick: () => this.#open(citation, this.#claimOf(citation)) },
          h("span", { class: "marker" }, citation.marker),
          " ",
          h("span", { class: "source-title", dir: "auto" }, citation.title),
        ),
      ),
    );
    return h("ul", { class: "sources", "aria-label": "Sources" }, ...items);
  }

  #claimOf(citation) {
    const markers = [...this.body.querySelectorAll(".cite button")];
    const marker = markers.find((each) => each.textContent === String(citation.marker));
    return marker ? claimBefore(marker) : "";
  }

  #versions() {
    const { message, actions } = this;
    const all = message.siblings ?? [];
    if (all.length < 2 || !actions.choose) return [];
    const at = all.indexOf(message.id);
    const turn = (step) => () => actions.choose(all[at + step]);
    return [
      h(
        "span",
        { class: "versions", role: "group", "aria-label": "Versions" },
        button("Version before", turn(-1), { icon: "left", disabled: at === 0 }),
        h("span", {}, `${at + 1} / ${all.length}`),
        button("Version after", turn(1), { icon: "right", disabled: at === all.length - 1 }),
      ),
    ];
  }

  async #copy(copier) {
    try {
      await navigator.clipboard.writeText(this.message.content);
    } catch {
      this.#tell("The browser does not allow copying here.");
      return;
    }
    this.actions.announce("Copied.");
    copier.replaceChildren(icon("check"));
    setTimeout(() => copier.replaceChildren(icon("copy")), 1500);
  }

  /** Say it to eyes and ears. */
  #tell(text) {
    this.note(text);
    this.actions.announce(text);
  }

  #thumbs() {
    const given = this.message.feedback;
    const thumb = (label, name, value) =>
      button(label, () => this.#rate(given === value ? null : value), { icon: name, "aria-pressed": String(given === value) });
    return [thumb("Helpful", "up", "helpful"), thumb("Not helpful", "down", "not_helpful")];
  }

  async #rate(feedback, comment) {
    const { actions, message } = this;
    try {
      await actions.rate(message.id, feedback, comment);
    } catch (error) {
      this.#tell(told(error));
      return;
    }
    this.setMessage({ ...message, feedback });
    actions.announce(feedback ? "Thank you." : "Taken back.");
    if (comment !== undefined) this.note("Thank you for your comment.");
    else if (feedback) this.#askForComment(feedback);
    if (comment !== undefined || !feedback) this.foot.querySelector("[aria-pressed]")?.focus();
  }

  #askForComment(feedback) {
    const label = feedback === "helpful" ? "What was good? (optional)" : "What was wrong? (optional)";
    const text = h("input", { maxlength: 2000, "aria-label": label, placeholder: label, dir: "auto" });
    const send = (event) => {
      event.preventDefault();
      this.#rate(feedback, text.value.trim());
    };
    const form = h("form", { class: "comment", onsubmit: send }, text, h("button", { class: "button" }, "Send"));
    this.foot.querySelector(".tools").after(form);
    text.focus();
  }

  #edit() {
    const text = h("textarea", { rows: 3, maxlength: 4000, dir: "auto", "aria-label": "The question" });
    text.value = this.message.content;
    const cancel = () => {
      this.setMessage(this.message);
      this.foot.querySelector("button")?.focus();
    };
    const send = (event) => {
      event.preventDefault();
      const content = text.value.trim();
      if (!content || content === this.message.content) cancel();
      else this.actions.edit(this, content);
    };
    const form = h("form", { class: "edit", onsubmit: send }, text, h("div", { class: "row" },
      button("Cancel", cancel), h("button", { class: "button primary" }, "Ask this instead")));
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") cancel();
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
    });
    this.body.replaceChildren(form);
    this.foot.replaceChildren();
    text.focus();
  }
}

function named(citation) {
  const label = `Source ${citation.marker}: ${citation.title}`;
  return { "aria-label": label, title: citation.heading ? `${citation.title} · ${citation.heading}` : citation.title };
}

/** What is to be said of an answer beside its words. */
function notes(message) {
  const said = [];
  if (message.status === "stopped") said.push(message.lost ? "The connection was lost; this is what came." : "Stopped.");
  if (message.status === "failed") said.push("This answer could not be finished.");
  for (const sentence of message.metadata?.unsupported ?? []) {
    said.push(`No passage supports: “${typeof sentence === "string" ? sentence : sentence.text}”`);
  }
  return said;
}
