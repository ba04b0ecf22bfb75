//! Identifiers without the punctuation and the zeros that people leave out.

use super::fold::{fold, latin};

/// The fewest characters that find an identifier by its beginning or its end.
pub(super) const PART_MIN: usize = 4;
/// Beginnings of up to this many characters are indexed as such; longer ones are scanned for.
pub(super) const START_MAX: usize = 8;
/// Longer identifiers are cut; nobody types this much.
const LENGTH_MAX: usize = 64;

/// Letters and digits only, folded: "HF-0001234-5" → "hf00012345".
pub(super) fn plain(written: &str) -> String {
    let mut plain = latin(&fold(written));
    plain.truncate(LENGTH_MAX);
    plain
}

/// The plain form without the zeros that its first number starts with:
/// "hf00012345" → "hf12345", "000" → "0".
pub(super) fn without_zeros(plain: &str) -> String {
    let letters = plain.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (head, number) = plain.split_at(letters);
    let trimmed = number.trim_start_matches('0');
    let has_digits = trimmed.starts_with(|c: char| c.is_ascii_digit());
    match (number.is_empty(), has_digits) {
        (true, _) => plain.to_owned(),
        (false, true) => format!("{head}{trimmed}"),
        // Only zeros before the end or the next letter: one of them is the number.
        (false, false) => format!("{head}0{trimmed}"),
    }
}

/// Every form under which a card's identifier is exact: plain, without zeros, and both
/// without a leading run of letters when only digits follow.
pub(super) fn exact_forms(written: &str) -> Vec<String> {
    let plain = plain(written);
    if plain.is_empty() {
        return Vec::new();
    }
    let digits = plain.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let mut forms = vec![plain.clone(), without_zeros(&plain)];
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        forms.push(digits.to_owned());
        forms.push(without_zeros(digits));
    }
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// The forms of which the beginnings are indexed: as written, and its number without zeros.
pub(super) fn started_forms(written: &str) -> Vec<String> {
    let plain = plain(written);
    let number = plain.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let bare = match number.bytes().all(|b| b.is_ascii_digit()) {
        true => without_zeros(number),
        false => without_zeros(&plain),
    };
    vec![plain, bare]
}

/// The indexed beginnings of a form.
pub(super) fn starts(form: &str) -> impl Iterator<Item = &str> {
    (PART_MIN..=START_MAX.min(form.len())).map(|length| &form[..length])
}

/// The text backwards, so that its end can be looked up as a beginning.
pub(super) fn backwards(plain: &str) -> String {
    plain.chars().rev().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn punctuation_and_leading_zeros_do_not_matter() {
        assert_eq!(plain("HF-0001234-5"), "hf00012345");
        assert_eq!(exact_forms("HF-0001234-5"), ["00012345", "12345", "hf00012345", "hf12345"]);
        assert_eq!(exact_forms("999-12-3456"), ["999123456"]);
        assert_eq!(exact_forms("000"), ["0", "000"]);
        assert_eq!(exact_forms("X12345678X"), ["x12345678x"]);
        assert_eq!(exact_forms(" - "), Vec::<String>::new());
        assert_eq!(without_zeros("a00b"), "a0b");
        assert_eq!(starts("hf12345").collect::<Vec<_>>(), ["hf12", "hf123", "hf1234", "hf12345"]);
        assert_eq!(backwards("hf12"), "21fh");
    }

    proptest! {
        #[test]
        fn forms_of_anything_are_bounded_and_searchable(written in "\\PC{0,90}") {
            for form in exact_forms(&written) {
                prop_assert!(!form.is_empty() && form.len() <= LENGTH_MAX);
                prop_assert_eq!(without_zeros(&without_zeros(&form)), without_zeros(&form));
                prop_assert!(starts(&form).all(|start| form.starts_with(start)));
            }
        }
    }
}
