// Names of time zones for a list to choose from.

/** @param {string} own always in the list, whatever this browser knows */
export function zoneNames(own) {
  const known = Intl.supportedValuesOf?.('timeZone') ?? [];
  return [...new Set([own, 'UTC', ...known])].filter(Boolean).sort();
}
