// Digits of other scripts as people type them: ٣٧٫٥ is 37.5. What is stored and shown has
// Latin digits in every language, so that a dose or a date reads the same to everybody.

/** Where a block of ten digits begins. */
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6];

/** @param {string} text */
export function latinDigits(text) {
  return text.replace(/[^\u0000-\u065f]/g, (sign) => {
    const code = sign.charCodeAt(0);
    const zero = ZEROS.find((one) => one <= code && code < one + 10);
    if (zero !== undefined) return String(code - zero);
    return sign === '٫' ? '.' : sign;
  });
}
