/** Server-sent events over fetch: EventSource can neither POST nor send a header. */

/**
 * @typedef {{name: string, body: any}} Event
 */

/**
 * The events of a response, each with its JSON read; comments (heartbeats) are passed over.
 * @param {Response} response
 * @returns {AsyncGenerator<Event>}
 */
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split(/\r?\n\r?\n/);
      rest = blocks.pop();
      for (const block of blocks) {
        const event = parsed(block);
        if (event) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/**
 * @param {string} block
 * @returns {Event | null}
 */
function parsed(block) {
  let name = "message";
  const data = [];
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
  }
  return data.length ? { name, body: JSON.parse(data.join("\n")) } : null;
}
