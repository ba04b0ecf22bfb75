// The present password, typed once more before something that others would like to do.

import { h } from '../lib/ui.js';
import { t } from '../lib/i18n.js';
import { session } from '../lib/session.js';
import { TextField } from './field.js';

/** Nobody here knows the password of whoever comes by the OpenID provider. */
function asksPassword() {
  return session.value?.user.origin !== 'openid';
}

/** What is wrong before anything is sent. @param {string} password */
export function lacksPassword(password) {
  return asksPassword() && !password ? t('me.error_current') : undefined;
}

/**
 * @param {{ id?: string, value: string, onInput: (text: string) => void, error?: string }} props
 */
export function PasswordAgain({ id = 'current_password', value, onInput, error }) {
  if (!asksPassword()) return null;
  return h(TextField, {
    id,
    label: t('me.current_password'),
    type: 'password',
    autocomplete: 'current-password',
    value,
    onInput,
    error,
  });
}
