// A bucket of S3-compatible storage: its fields, and the way back from it.

import { h, html } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { CheckField, TextField } from '../../ui/field.js';
import { TextArea } from '../../ui/text-area.js';

/** @typedef {import('../../types/ui.js').BackupPlan} BackupPlan */
/** @typedef {import('../../types/ui.js').Bucket} Bucket */

const TEXT_MAX = 500;
const PEM_MAX = 65_536;

/** @type {Bucket} */
export const NO_BUCKET = {
  endpoint: '',
  name: '',
  prefix: '',
  region: 'us-east-1',
  access_key: '',
  path_style: true,
  ca_pem: null,
};

/**
 * @param {{ bucket: Bucket, secret: string, isKept: boolean, errors: Record<string, string>,
 *   onInput: (change: Partial<Bucket>) => void, onSecret: (secret: string) => void }} props
 */
export function BucketFields({ bucket, secret, isKept, errors, onInput, onSecret }) {
  /** @param {'endpoint' | 'name' | 'prefix' | 'region' | 'access_key'} name */
  const text = (name, optional = false) =>
    h(TextField, {
      id: `bucket-${name}`,
      label: t(`backups.bucket_${name}`),
      hint: t(`backups.bucket_${name}_hint`),
      optional,
      value: bucket[name],
      maxlength: TEXT_MAX,
      dir: 'ltr',
      spellcheck: false,
      onInput: (value) => onInput({ [name]: value }),
      error: errors[`bucket-${name}`],
    });
  return html`${text('endpoint')} ${text('name')} ${text('prefix', true)} ${text('access_key')}
  ${h(TextField, {
    id: 'secret_key',
    label: t('backups.secret_key'),
    hint: t(isKept ? 'ways.secret_kept' : 'backups.secret_key_hint'),
    type: 'password',
    autocomplete: 'new-password',
    value: secret,
    maxlength: TEXT_MAX,
    onInput: onSecret,
    error: errors.secret_key,
  })}
  ${text('region')}
  ${h(CheckField, {
    id: 'bucket-path_style',
    label: t('backups.bucket_path_style'),
    hint: t('backups.bucket_path_style_hint'),
    checked: bucket.path_style,
    onChange: (path_style) => onInput({ path_style }),
  })}
  ${errors['bucket-path_style'] && html`<p class="error">${errors['bucket-path_style']}</p>`}
  ${h(TextArea, {
    id: 'bucket-ca_pem',
    label: t('ways.ca_pem'),
    hint: t('ways.ca_pem_hint'),
    optional: true,
    rows: 3,
    maxlength: PEM_MAX,
    value: bucket.ca_pem ?? '',
    onInput: (pem) => onInput({ ca_pem: pem || null }),
    error: errors['bucket-ca_pem'],
  })}`;
}

/** Where backups go, in words; empty if nobody has said so. @param {BackupPlan} plan */
export function placeOf({ folder, bucket }) {
  if (!bucket) return folder;
  return `${urlOf(bucket)} · ${bucket.endpoint}`;
}

/** The command that brings the hospital back. @param {BackupPlan} plan */
export function wayBack({ folder, bucket }) {
  const command = 'healthflow restore --from';
  if (!bucket) return `${command} "${folder || '…'}"`;
  const region = bucket.region === NO_BUCKET.region ? '' : ` --region ${bucket.region}`;
  const style = bucket.path_style ? '' : ' --virtual-host';
  const trust = bucket.ca_pem ? ' --ca CA.pem' : '';
  const where = `${urlOf(bucket)} --endpoint ${bucket.endpoint}${region}${style}${trust}`;
  return `${command} ${where} --access-key ${bucket.access_key}`;
}

/** @param {Bucket} bucket */
function urlOf({ name, prefix }) {
  return `s3://${name}${prefix && `/${prefix}`}`;
}
