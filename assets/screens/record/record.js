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
export function Screen({ params }) {
  return h(RecordFrame, { patientId: params.id ?? '', tab: params.tab });
}
