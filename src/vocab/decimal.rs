//! Decimals as the digits that were written: `6.80` says more than `6.8`.

/// The longest decimal that is accepted, in characters.
pub const DECIMAL_LENGTH_MAX: usize = 40;

/// Whether `text` is a decimal number as FHIR R4 writes it: an optional minus, digits without
/// leading zeros, an optional fraction and an optional exponent, of at most
/// [`DECIMAL_LENGTH_MAX`] characters.
#[must_use]
pub fn is_decimal(text: &str) -> bool {
    if DECIMAL_LENGTH_MAX < text.len() {
        return false;
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['-', '+']).unwrap_or(text)))
}

#[cfg(test)]
mod tests {
    use super::is_decimal;

    #[test]
    fn only_decimals_pass() {
        for right in ["0", "6.80", "-1.5", "120", "1e5", "2.50E-3", "0.000"] {
            assert!(is_decimal(right), "{right}");
        }
        for wrong in ["", "-", ".5", "5.", "01", "1,5", "+1", "NaN", "1e", "1 ", "٣", "1.2.3"] {
            assert!(!is_decimal(wrong), "{wrong}");
        }
        assert!(!is_decimal(&"1".repeat(41)));
    }
}
