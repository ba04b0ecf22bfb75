//! Phone numbers as digits, compared from their end, where dialling prefixes do not matter.

use super::fold::fold;
use super::identifiers::backwards;

/// The fewest digits that find a phone by its end.
pub(super) const END_MIN: usize = 4;
/// A number with its country code has at least this many digits.
const INTERNATIONAL_MIN: usize = 10;
/// What remains of it without the country code has at least this many.
const NATIONAL_MIN: usize = 7;
/// Longer than any number that can be dialled; the rest is an extension or rubbish.
const DIGITS_MAX: usize = 20;

/// A card's phone as a key: its digits backwards without leading zeros and extension, or
/// `None` if there are too few to be one.
pub(super) fn key(written: &str) -> Option<String> {
    let folded = fold(written).replace("(0)", "");
    let mut digits = String::new();
    for letter in folded.chars() {
        // "555-1234 ext. 12": what follows is not dialled.
        if letter.is_alphabetic() && END_MIN < digits.len() {
            break;
        }
        if letter.is_ascii_digit() && digits.len() < DIGITS_MAX {
            digits.push(letter);
        }
    }
    let number = digits.trim_start_matches('0');
    (END_MIN <= number.len()).then(|| backwards(number))
}

/// What the digits of a query may mean as a phone number.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// The key of the phone if these are all its digits.
    pub(super) whole: Option<String>,
    /// Beginnings of keys: the phone's last digits.
    pub(super) ends: Vec<String>,
}

/// Reads digits as a phone number: the last digits as typed, without national zeros, and
/// without a country code of one to three digits.
pub(super) fn read(digits: &str) -> Reading {
    let number = digits.trim_start_matches('0');
    let mut ends = Vec::new();
    for end in [digits, number] {
        if END_MIN <= end.len() && end.len() <= DIGITS_MAX {
            ends.push(backwards(end));
        }
    }
    if INTERNATIONAL_MIN <= number.len() && number.len() <= DIGITS_MAX {
        for code_length in 1..=3 {
            let national = number[code_length..].trim_start_matches('0');
            if NATIONAL_MIN <= national.len() {
                ends.push(backwards(national));
            }
        }
    }
    ends.sort_unstable();
    ends.dedup();
    let fits = (END_MIN..=DIGITS_MAX).contains(&number.len());
    Reading { whole: fits.then(|| backwards(number)), ends }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds(query: &str, phone: &str) -> bool {
        let digits = query.chars().filter(char::is_ascii_digit).collect::<String>();
        let key = key(phone).unwrap();
        read(&digits).ends.iter().any(|end| key.starts_with(end.as_str()))
    }

    #[test]
    fn prefixes_do_not_matter() {
        for (query, phone) in [
            ("4567", "555-123-4567"),
            ("123 4567", "555-123-4567"),
            ("5551234567", "+1 (555) 123-4567"),
            ("1-555-123-4567", "555-123-4567"),
            ("0911 234 567", "+251 911 234567"),
            ("+251 911 234567", "0911234567"),
            ("00251911234567", "0911234567"),
            ("+44 20 7946 0958", "020 7946 0958"),
            ("020 7946 0958", "+44 (0)20 7946 0958"),
            ("0958", "+44 20 7946 0958"),
            ("+44 (0)20 7946 0958", "+44 20 7946 0958"),
            ("5551234", "555-1234 ext. 12"),
        ] {
            assert!(finds(query, phone), "{query} {phone}");
        }
        for (query, phone) in
            [("567", "555-123-4567"), ("5551", "555-123-4567"), ("9234567", "555-123-4567")]
        {
            assert!(!finds(query, phone), "{query} {phone}");
        }
        assert_eq!(key("none"), None);
        assert_eq!(key("000"), None);
        assert_eq!(read("4567").whole.as_deref(), Some("7654"));
    }

    proptest! {
        #[test]
        fn a_phone_is_found_by_its_last_digits(number in "[1-9][0-9]{5,14}", cut in 4_usize..6) {
            prop_assert!(finds(&number, &number));
            prop_assert!(finds(&number[number.len() - cut..], &number));
        }

        #[test]
        fn anything_can_be_read(written in "\\PC{0,40}", digits in "[0-9]{0,60}") {
            let bounded = key(&written).is_none_or(|key| key.len() <= DIGITS_MAX);
            prop_assert!(bounded && read(&digits).ends.len() <= 5);
        }
    }
}
