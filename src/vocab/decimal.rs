//! Decimals as the digits that were written: `6.80` says more than `6.8`.

/// The longest decimal that is accepted, in characters.
pub const DECIMAL_LENGTH_MAX: usize = 40;
/// The most digits of a decimal, before and after the point together.
pub const DIGITS_MAX: usize = 30;
/// The most digits before the point once the exponent is worked out: no measurement or dose is
/// 1e15 or more, and what is adds up to nonsense in whoever reads it as a binary number.
pub const WHOLE_MAX: u32 = 15;
/// The largest exponent either way.
const EXPONENT_MAX: i32 = 30;

/// Whether `text` is a decimal number as FHIR R4 writes it: an optional minus, digits without
/// leading zeros, an optional fraction and an optional exponent; of at most [`DIGITS_MAX`]
/// digits, between -1e15 and 1e15, with an exponent of -30 to 30.
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
    let exponent_digits = exponent.map(|text| text.strip_prefix(['-', '+']).unwrap_or(text));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent_digits.is_none_or(digits)
        && whole.len() + fraction.map_or(0, str::len) <= DIGITS_MAX
        && is_within(whole, fraction.unwrap_or_default(), exponent.unwrap_or("0"))
}

fn is_within(whole: &str, fraction: &str, exponent: &str) -> bool {
    let Some(exponent) = exponent.parse().ok().filter(|it: &i32| it.abs() <= EXPONENT_MAX) else {
        return false;
    };
    let leading = if whole == "0" {
        // 0.00x has its first digit that counts two places behind the point; zero has none.
        fraction
            .bytes()
            .position(|byte| byte != b'0')
            .map(|zeros| -i32::try_from(zeros).unwrap_or(0))
    } else {
        i32::try_from(whole.len()).ok()
    };
    leading.is_none_or(|leading| leading + exponent <= WHOLE_MAX.cast_signed())
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
    }

    #[test]
    fn what_no_measurement_can_be_does_not_pass() {
        let fine = ["999999999999999", "-1e14", "1e-30", "0.001e17", "0e30", "0.000"];
        for right in fine.map(str::to_owned).into_iter().chain([format!("0.{}", "1".repeat(29))]) {
            assert!(is_decimal(&right), "{right}");
        }
        let wide = [format!("0.{}", "1".repeat(30)), format!("1e{}", "9".repeat(30))];
        let wrong = ["1000000000000000", "1e15", "-1e400", "1e-31", "0.001e18", "0e31", "1e+-5"];
        for wrong in wrong.map(str::to_owned).into_iter().chain(wide) {
            assert!(!is_decimal(&wrong), "{wrong}");
        }
    }
}
