// Sends a file as it is, with progress: `fetch` cannot report how much has gone out.

import { idempotencyKey } from './api.js';
import { Problem, Superseded, problemOf } from './problem.js';

/**
 * @param {string} url
 * @param {Blob} file
 * @param {{ onProgress: (sent: number, total: number) => void, signal: AbortSignal }} options
 * @returns {Promise<any>} the `data` of the answer
 */
export function upload(url, file, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.setRequestHeader('Accept', 'application/json');
    request.setRequestHeader('X-HealthFlow-Client', 'ui');
    request.setRequestHeader('Idempotency-Key', idempotencyKey());
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.addEventListener('progress', (event) => onProgress(event.loaded, event.total));
    request.addEventListener('load', () => {
      const body = parse(request.responseText);
      if (200 <= request.status && request.status < 300) resolve(body?.data ?? null);
      else reject(problemOf(asResponse(request), body));
    });
    request.addEventListener('error', () => {
      reject(new Problem({ code: 'web.no_answer', status: 0 }));
    });
    request.addEventListener('abort', () => reject(new Superseded()));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {XMLHttpRequest} request */
function asResponse(request) {
  const headers = new Headers();
  for (const name of ['retry-after', 'x-request-id']) {
    const value = request.getResponseHeader(name);
    if (value) headers.set(name, value);
  }
  return new Response(null, { status: request.status, headers });
}
