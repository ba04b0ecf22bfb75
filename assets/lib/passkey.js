// Passkeys: what the server says in JSON, for the browser, and back. Browsers know them only
// over TLS or on this very machine, and only under a name.

/** @typedef {{ ceremony: string, options: any }} Begun */

/** Whether this browser can do it here. */
export function passkeysWork() {
  return window.isSecureContext && typeof PublicKeyCredential === 'function';
}

/** @param {string} text base64url */
function bytes(text) {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** @param {ArrayBuffer | null} buffer */
function text(buffer) {
  if (!buffer) return undefined;
  const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('');
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** @param {any} list */
function descriptors(list) {
  return (list ?? []).map((/** @type {any} */ one) => ({
    type: one.type,
    id: bytes(one.id),
    ...(one.transports?.length ? { transports: one.transports } : {}),
  }));
}

/**
 * Makes a passkey.
 * @param {any} options
 * @returns {Promise<unknown>} what the server wants to see
 */
export async function makePasskey({ mediation: _, ...options }) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: descriptors(options.excludeCredentials),
  };
  const made = /** @type {any} */ (await navigator.credentials.create({ publicKey }));
  const { response } = made;
  return {
    ...shared(made),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

/**
 * Uses a passkey, whichever the person chooses.
 * @param {any} options
 * @returns {Promise<unknown>} what the server wants to see
 */
export async function usePasskey({ mediation: _, ...options }) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: descriptors(options.allowCredentials),
  };
  const used = /** @type {any} */ (await navigator.credentials.get({ publicKey }));
  const { response } = used;
  return {
    ...shared(used),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: text(response.userHandle),
    },
  };
}

/** @param {any} credential */
function shared(credential) {
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

/** Whether the person or the browser gave it up. @param {unknown} error */
export function gaveUp(error) {
  return error instanceof DOMException && ['NotAllowedError', 'AbortError'].includes(error.name);
}
