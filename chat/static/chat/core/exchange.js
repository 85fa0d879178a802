/** One question and its streamed answer, over a connection that may be lost. */
import { events } from "./events.js";
import { Problem } from "./problems.js";

const PATIENCE = [500, 1000, 2000, 4000, 8000, 15000];

/**
 * Yields the events `sources`, `delta`, `restart`, and at the end `done` (a message) or `error` (a Problem or a
 * TypeError, where nothing could be reached). `waiting` comes whenever the connection is lost.
 *
 * Lost before the first event, the same request is sent again where its key keeps the server from answering twice.
 * Lost later, the server has stopped the answer, and what it kept is read. Such a `done` has `lost: true`.
 *
 * @param {object} asked
 * @param {(key: string, signal: AbortSignal) => Promise<Response>} asked.send
 * @param {(id: string) => Promise<any>} asked.read a message by its id
 * @param {boolean} asked.repeatable whether the server heeds the key
 * @param {AbortSignal} asked.signal
 * @returns {AsyncGenerator<{name: string, body?: any, lost?: boolean}>}
 */
export async function* exchange({ send, read, repeatable, signal }) {
  const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  let id = null;
  for (let tries = 0; ; tries += 1) {
    try {
      for await (const event of events(await send(key, signal))) {
        id ??= event.body.message_id ?? null;
        if (event.name === "error") event.body = new Problem(event.body);
        yield event;
        if (event.name === "done" || event.name === "error") return;
      }
      throw new TypeError("The stream ended before its answer did.");
    } catch (error) {
      if (signal.aborted) return;
      const final = error instanceof Problem && error.code !== "in_progress" && error.status < 502;
      if (final || tries >= PATIENCE.length || !(id || repeatable)) {
        yield { name: "error", body: error };
        return;
      }
    }
    yield { name: "waiting" };
    await pause(PATIENCE[tries], signal);
    if (id) {
      yield await kept(id, read, signal);
      return;
    }
  }
}

/** What the server has of an answer whose stream was lost. */
async function kept(id, read, signal) {
  for (let tries = 0; ; tries += 1) {
    try {
      const message = await read(id);
      if (message.status !== "streaming") return { name: "done", body: message, lost: true };
    } catch (error) {
      if (error instanceof Problem || tries >= 2 * PATIENCE.length) return { name: "error", body: error };
    }
    if (signal.aborted) return { name: "error", body: new TypeError("Given up.") };
    await pause(PATIENCE[Math.min(tries, 3)], signal);
  }
}

/** Until the time is over, the browser is online again, or all is given up. */
function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const ended = new AbortController();
    const end = () => {
      ended.abort();
      resolve(undefined);
    };
    setTimeout(end, milliseconds);
    addEventListener("online", end, { signal: ended.signal });
    signal.addEventListener("abort", end, { signal: ended.signal });
  });
}
