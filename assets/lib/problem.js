// What went wrong, in the words of the server (problem+json) or of the network.

/** @typedef {{ field: string, message: string }} FieldError */

/** Thrown by every call of `api`. `status` 0 means that no answer came. */
export class Problem extends Error {
  /**
   * @param {{ code: string, status: number, title?: string, detail?: string,
   *   errors?: FieldError[], requestId?: string | null, retryAfter?: number,
   *   more?: Record<string, any> }} facts
   */
  constructor(facts) {
    super(facts.detail || facts.title || facts.code);
    this.name = 'Problem';
    this.code = facts.code;
    this.status = facts.status;
    this.title = facts.title ?? '';
    this.detail = facts.detail ?? '';
    this.errors = facts.errors ?? [];
    this.requestId = facts.requestId ?? null;
    /** Further members, by which one goes on. @type {Record<string, any>} */
    this.more = facts.more ?? {};
    /** Seconds that the server asks to wait; 0 when it did not say. */
    this.retryAfter = facts.retryAfter ?? 0;
  }
}

/** The request was given up by the page itself, because a newer one replaced it. */
export class Superseded extends Error {
  constructor() {
    super('superseded');
    this.name = 'Superseded';
  }
}

/**
 * @param {Response} reply
 * @param {any} body parsed JSON, or null
 */
export function problemOf(reply, body) {
  const facts = body && typeof body === 'object' ? body : {};
  return new Problem({
    code: typeof facts.code === 'string' ? facts.code : `http.${reply.status}`,
    status: reply.status,
    title: facts.title,
    detail: facts.detail,
    errors: Array.isArray(facts.errors) ? facts.errors : [],
    more: facts,
    requestId: facts.request_id ?? reply.headers.get('x-request-id'),
    retryAfter: Number(reply.headers.get('retry-after')) || 0,
  });
}
