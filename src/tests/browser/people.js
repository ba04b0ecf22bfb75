// Invented people for the tests: twins in name, one name alone, other scripts, a long name, one
// who died, estimated births.

/** @param {string} family @param {string} given @param {string | null} born @param {string} sex */
function person(family, given, born, sex, more = {}) {
  return {
    names: [{ family, given: given.split(' ').filter(Boolean) }],
    ...(born ? { birth_date: born } : {}),
    sex,
    ...more,
  };
}

const PHONE = { telecoms: [{ system: 'phone', value: '07700 900417' }] };

export const PEOPLE = [
  person('Moreau', 'Bekele', '1963-05-10', 'male', PHONE),
  person('Moreau', 'Bekele', '1963-05-01', 'male'),
  person('Moreira', 'Bekele', '1965-05-10', 'male', {
    deceased: true,
    deceased_recorded: '2026-03-04',
  }),
  person('Dube', 'Dinesh', '1953-01-17', 'male'),
  person('Lee', 'Élise', '2018-02-03', 'female'),
  person('Lee', 'Elise', '1995-07-30', 'female'),
  person('حداد', 'سميرة', '1951-04-04', 'female'),
  person('', 'Soekarno', '1970', 'male', { birth_date_estimated: true }),
  person(
    'Wolfeschlegelsteinhausenbergerdorff-Montmorency',
    'Maria Immaculata Concepción Esperanza',
    '1944-03-03',
    'female',
  ),
  person('Osei', 'Ama', null, 'unknown'),
];

const FAMILIES = 'Abebe Adjei Boateng Chukwu Dlamini Eze Fofana Gueye Hassan Ibrahim'.split(' ');
const GIVEN = 'Abena Baraka Chipo Dalia Efua Farah Grace Hana Idris Juma'.split(' ');

/** Many more, for lists that scroll. @param {number} count */
export function crowd(count) {
  return Array.from({ length: count }, (_, i) => {
    const family = FAMILIES[i % 10] ?? '';
    const given = `${GIVEN[Math.floor(i / 10) % 10]} ${GIVEN[Math.floor(i / 100) % 10]}`;
    const month = String((i % 12) + 1).padStart(2, '0');
    return person(family, given, `${1930 + (i % 90)}-${month}-15`, i % 2 ? 'female' : 'male');
  });
}
