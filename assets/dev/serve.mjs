// The web UI from disk in front of a running HealthFlow: edit, press F5, see. Everything under
// /api goes to the server. Same policy as the product.
//
//   npm run serve -- http://127.0.0.1:8080 [port]

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const assets = join(dirname(fileURLToPath(import.meta.url)), '..');
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
  "connect-src 'self'; font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; " +
  "frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types 'none'";
const KINDS = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
/** The same order as in src/build/ui.rs. */
const STYLES_FIRST = [
  'tokens',
  'base',
  'controls',
  'parts',
  'overlays',
  'shell',
  'clinical',
  'record-frame',
];

/** @param {string} folder @returns {string[]} */
function styles(folder) {
  return readdirSync(join(assets, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? styles(path) : [path];
  });
}

const LANGUAGES = { en: 'ltr', fr: 'ltr', ar: 'rtl' };

/** The language as the server chooses it. @param {import('node:http').IncomingHttpHeaders} from */
function languageOf(from) {
  const chosen = /hf_language=(\w+)/.exec(from.cookie ?? '')?.[1] ?? '';
  const wanted = [chosen, ...(from['accept-language'] ?? '').split(',').map((one) => one.slice(0, 2))];
  return wanted.find((one) => one in LANGUAGES) ?? 'en';
}

/** @param {string} language */
function page(language) {
  const rank = (/** @type {string} */ path) => {
    const at = STYLES_FIRST.indexOf(path.replace(/^css\/|\.css$/g, ''));
    return at < 0 ? STYLES_FIRST.length : at;
  };
  const links = styles('css')
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
    .map((path) => `<link rel="stylesheet" href="/ui/dev/${path}">`);
  return readFileSync(join(assets, 'index.html'), 'utf8')
    .replace('{{styles}}', links.join('\n'))
    .replace('{{preload}}', '')
    .replace('{{catalogues}}', '')
    .replace('{{lang}}', language)
    .replace('{{dir}}', LANGUAGES[/** @type {keyof typeof LANGUAGES} */ (language)])
    .replaceAll('{{prefix}}', '/ui/dev/');
}

/**
 * @param {string} server base address of a running HealthFlow
 * @param {number} port 0 for any
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export function serveFromDisk(server, port) {
  const front = createServer((incoming, answer) => {
    const path = (incoming.url ?? '/').split('?')[0] ?? '/';
    if (path.startsWith('/api/')) {
      const { method, headers } = incoming;
      const onward = request(new URL(incoming.url ?? '/', server), { method, headers }, (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      incoming.pipe(onward);
      return;
    }
    const file = join(assets, path.replace('/ui/dev/', ''));
    if (path.startsWith('/ui/dev/') && file.startsWith(assets) && existsSync(file)) {
      const kind = KINDS[/** @type {keyof typeof KINDS} */ (extname(file))] ?? 'application/json';
      answer.writeHead(200, { 'content-type': kind, 'cache-control': 'no-store' });
      answer.end(readFileSync(file));
      return;
    }
    const known = !/^\/(ui|no)\//.test(path);
    answer.writeHead(known ? 200 : 404, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
    });
    answer.end(known ? page(languageOf(incoming.headers)) : '<h1>There is no such page</h1>');
  });
  // The line of news: both ends are joined and left to themselves.
  front.on('upgrade', (incoming, near, head) => {
    const { method, headers } = incoming;
    const onward = request(new URL(incoming.url ?? '/', server), { method, headers });
    onward.on('upgrade', (reply, far, begun) => {
      const lines = [`HTTP/1.1 101 ${reply.statusMessage}`];
      for (let i = 0; i < reply.rawHeaders.length; i += 2) {
        lines.push(`${reply.rawHeaders[i]}: ${reply.rawHeaders[i + 1]}`);
      }
      near.write(`${lines.join('\r\n')}\r\n\r\n`);
      near.write(begun);
      far.write(head);
      far.pipe(near).pipe(far);
      for (const end of [near, far]) end.on('error', () => (near.destroy(), far.destroy()));
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
    });
    onward.on('response', () => near.destroy());
    onward.on('error', () => near.destroy());
    onward.end();
  });
  return new Promise((resolve) => {
    front.listen(port, '127.0.0.1', () => {
      const address = /** @type {import('node:net').AddressInfo} */ (front.address());
      resolve({ url: `http://127.0.0.1:${address.port}`, close: () => front.close() });
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , server = 'http://127.0.0.1:8080', port = '8181'] = process.argv;
  const { url } = await serveFromDisk(server, Number(port));
  console.log(`The UI from disk is at ${url}, in front of ${server}`);
}
