// Every act that the server writes into the audit has words that people understand.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

import { actText } from '../../../../assets/lib/audit-words.js';
import { LANGUAGES, setMessages } from '../../../../assets/lib/i18n.js';
import { catalogue } from './catalogues.js';

const SOURCES = new URL('../../../', import.meta.url);
/** A change or a read of the ledger: who asks, then the act. */
const ACT = /\.(?:write|read|search)\w*(?:::<[^>]*>)?\(\s*&?[\w.&()]+,\s*"([a-z_-]+(?:\.[a-z_.-]+)?)"/g;

/** The acts that stand in the sources. */
function acts() {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' });
  const product = files.filter((file) => file.endsWith('.rs') && !/(^|\/)tests(\/|\.rs)/.test(file));
  const texts = product.map((file) => readFileSync(new URL(file, SOURCES), 'utf8'));
  return new Set(texts.flatMap((text) => [...text.matchAll(ACT)].map(([, act]) => act ?? '')));
}

test('every act of the audit has words in every language', () => {
  const all = acts();
  assert.ok(all.has('tokens.revoke') && all.has('sessions.create') && all.size > 40, `${all.size}`);
  for (const { code } of LANGUAGES) {
    setMessages(code, catalogue(code));
    const bare = [...all].filter((act) => actText(act) === act);
    assert.deepEqual(bare, [], code);
  }
});

test('a refusal says what was refused', () => {
  setMessages('en', catalogue('en'));
  assert.equal(actText('access.refused', 'users.read'), 'Was refused: See who has an account');
  assert.equal(actText('access.refused', 'tokens.revoked'), 'Did not get in: the token is revoked');
  assert.equal(actText('access.refused', null), 'Was refused');
});
