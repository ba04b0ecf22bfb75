// A real OpenID provider on this machine, for the browser tests: whoever signs in there is who
// they say they are, and everybody but `visitor` is a nurse.

import { createServer } from 'node:http';

// @ts-ignore it brings no types
import { Provider } from 'oidc-provider';

const SECRET = 'only this server and the provider know it';

/** @param {string} redirect where the provider sends people back to */
export async function startProvider(redirect) {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'healthflow', client_secret: SECRET, redirect_uris: [redirect] }],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], groups: ['groups'] },
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ['a key of the test'] },
    findAccount: (/** @type {unknown} */ _, /** @type {string} */ id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        name: `${id} of the hospital`,
        preferred_username: id,
        groups: id === 'visitor' ? ['visitors'] : ['staff', 'nurses'],
      }),
    }),
  });
  server.on('request', provider.callback());
  const stop = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve(undefined));
    });
  return { issuer, secret: SECRET, stop };
}
