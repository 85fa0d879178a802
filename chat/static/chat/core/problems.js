/** What the server refuses (RFC 9457), and what never reached it. */

export class Problem extends Error {
  /** @param {{status?: number, code?: string, title?: string, detail?: string, errors?: Record<string, string[]>, challenge?: string, message_id?: string}} body */
  constructor(body) {
    super(body.detail || body.title || "Something went wrong.");
    this.status = body.status ?? 0;
    this.code = body.code ?? "";
    this.errors = body.errors ?? {};
    this.challenge = body.challenge ?? null; // for the second step of a log-in
    this.messageId = body.message_id ?? null; // of an answer that failed
  }

  /** For people, with what is wrong with each field. */
  get text() {
    const fields = Object.values(this.errors).flat();
    return fields.length ? fields.join(" ") : this.message;
  }
}

/**
 * The response if it is good. Throws a Problem if not.
 * @param {Response} response
 */
export async function good(response) {
  if (response.ok) return response;
  let body = { status: response.status };
  try {
    body = { ...body, ...(await response.json()) };
  } catch {
    // A proxy answered, not we.
  }
  throw new Problem(body);
}

/** @param {unknown} error */
export function told(error) {
  return error instanceof Problem ? error.text : "The server cannot be reached. Check your connection and try again.";
}
