// The record of one patient: banner and tabs.

import { h } from '../../lib/ui.js';
import { RecordFrame } from './frame.js';

/** @type {import('../../types/ui.js').ScreenMeta} */
export const meta = {
  title: 'record.title',
  permission: 'patients.read',
  area: 'patients',
  patient: true,
};

/** @param {import('../../types/ui.js').ScreenProps} props */
export function Screen({ params, given }) {
  const act = /** @type {{ act?: unknown } | null} */ (given)?.act;
  return h(RecordFrame, {
    patientId: params.id ?? '',
    tab: params.tab,
    act: act === 'visit' ? 'visit' : null,
  });
}
