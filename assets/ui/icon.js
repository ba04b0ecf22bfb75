// Icons: one path each, drawn with the colour of the text. Always beside a word.

import { html } from '../lib/ui.js';

/** Paths on a 24 × 24 grid, stroked. */
const PATHS = {
  today: 'M4 11l8-7 8 7v9h-5v-6h-6v6H4z',
  patients: 'M16 20v-2a4 4 0 0 0-8 0v2M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM21 20v-1a3 3 0 0 0-3-3M18 9a3 3 0 0 0 0-5',
  person: 'M19 21v-2a5 5 0 0 0-5-5h-4a5 5 0 0 0-5 5v2M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8z',
  add: 'M12 5v14M5 12h14',
  imports: 'M12 3v12M7 10l5 5 5-5M4 20h16',
  users: 'M17 20v-2a4 4 0 0 0-4-4H7a4 4 0 0 0-4 4v2M10 10a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM18 8v6M21 11h-6',
  roles: 'M12 3l8 3v6c0 4.5-3.4 7.7-8 9-4.6-1.3-8-4.5-8-9V6zM8.5 12l2.5 2.5 4.5-5',
  about: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8v.01',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20 20l-4-4',
  key: 'M15 13a5 5 0 1 0-4.6-3L3 17.4V21h4v-3h3v-3h2l1.4-1.4A5 5 0 0 0 15 13zM16.5 7.5v.01',
  lock: 'M6 11h12v9H6zM9 11V7a3 3 0 0 1 6 0v4',
  leave: 'M10 4H5v16h5M14 8l4 4-4 4M18 12H9',
  help: 'M9.5 9a2.5 2.5 0 1 1 3.5 2.3c-.7.4-1 .9-1 1.7v.5M12 17v.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
  down: 'M6 9l6 6 6-6',
  next: 'M9 6l6 6-6 6',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 13l4 4L19 7',
  cross: 'M7 7l10 10M17 7L7 17',
  warn: 'M12 4l9 16H3zM12 10v4M12 17v.01',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8v.01',
  wait: 'M7 3h10M7 21h10M8 3c0 5 8 6 8 9s-8 4-8 9M16 3c0 5-8 6-8 9s8 4 8 9',
  blocked: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM6 6l12 12',
  similar: 'M4 9c3-3 5-3 8 0s5 3 8 0M4 16c3-3 5-3 8 0s5 3 8 0',
  edit: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  file: 'M6 3h8l5 5v13H6zM14 3v5h5',
  theme: 'M12 3v18M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
  settings: 'M4 7h10M18 7h2M4 17h4M12 17h8M16 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM10 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  pulse: 'M3 13h4l3-8 5 14 3-6h3',
  print: 'M7 8V3h10v5M7 17H4V9h16v8h-3M7 14h10v7H7z',
  eye: 'M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
  backup: 'M4 6c0-3 16-3 16 0v12c0 3-16 3-16 0zM4 6c0 3 16 3 16 0M12 12v5M9.5 14.5L12 12l2.5 2.5',
  bell: 'M6 17v-6a6 6 0 0 1 12 0v6l2 2H4zM10 22h4',
  gauge: 'M4 18a9 9 0 1 1 16 0M12 14l4-6M4 18h16',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2',
};

/** @typedef {keyof typeof PATHS} IconName */

/** These point along the line, so they point the other way where lines run from the right. */
const POINTING = ['leave', 'help', 'next'];

/** @param {{ name: IconName }} props */
export function Icon({ name }) {
  const kind = POINTING.includes(name) ? 'icon pointing' : 'icon';
  return html`<svg class=${kind} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d=${PATHS[name]} />
  </svg>`;
}

/** The mark of the product. */
export function Mark() {
  return html`<svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="7" fill="#2b8ad6" />
    <path
      d="M5 17h6l3-8 5 15 3-7h5"
      fill="none"
      stroke="#fff"
      stroke-width="3"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  </svg>`;
}
