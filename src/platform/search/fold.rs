//! Folding: one comparable form for the many ways to write the same letters.
//!
//! Case, accents, width and presentation forms disappear; letters of other scripts stay what
//! they are ([`fold`]), and have a second, Latin form ([`latin`]) so that the script does not
//! matter either.

use any_ascii::{any_ascii, any_ascii_char};
use unicode_normalization::UnicodeNormalization;

/// Folds away case, accents, width and presentation forms. Folding twice changes nothing.
///
/// "MÜLLER" → "muller", "Ｍａｒｉａ" → "maria", "Йовчев" → "иовчев", "١٩٦٣" → "1963".
/// Marks that carry vowels (Indic, Thai) or make another letter (Japanese) stay.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lower = text.nfkd().flat_map(char::to_lowercase).collect::<String>();
    let mut bare = String::with_capacity(lower.len());
    // Lower-casing may bring forth letters that decompose once more.
    for letter in lower.nfkd().filter(|c| !is_dropped(*c)) {
        match letter {
            'ß' => bare.push_str("ss"),
            'ς' => bare.push('σ'),
            'ı' => bare.push('i'),
            // Arabic and Persian keyboards write the same name with different letters.
            'ى' | 'ی' => bare.push('ي'),
            'ة' => bare.push('ه'),
            'ک' => bare.push('ك'),
            digit if digit.is_numeric() => match any_ascii_char(digit) {
                plain if plain.bytes().all(|b| b.is_ascii_digit()) => bare.push_str(plain),
                _ => bare.push(digit),
            },
            other => bare.push(other),
        }
    }
    bare.nfc().collect()
}

/// The Latin spelling of a folded word, in lower-case letters and digits only.
///
/// "мария" → "mariya", "王" → "wang", "łodz" → "lodz".
pub(super) fn latin(folded: &str) -> String {
    let mut spelled = any_ascii(folded);
    spelled.retain(|c| c.is_ascii_alphanumeric());
    spelled.make_ascii_lowercase();
    spelled
}

/// The text with its umlauts written out as German, Danish and Norwegian clerks do
/// ("Müller" → "Mueller"), or `None` if it has none.
pub(super) fn umlauts_written_out(text: &str) -> Option<String> {
    let composed = text.nfc().flat_map(char::to_lowercase).collect::<String>();
    if !composed.contains(['ä', 'ö', 'ü', 'ø', 'å']) {
        return None;
    }
    let mut written = String::with_capacity(composed.len() + 4);
    for letter in composed.chars() {
        match letter {
            'ä' => written.push_str("ae"),
            'ö' | 'ø' => written.push_str("oe"),
            'ü' => written.push_str("ue"),
            'å' => written.push_str("aa"),
            other => written.push(other),
        }
    }
    Some(written)
}

/// The everyday Latin spelling where the exact one has a glide that people leave out
/// ("mariya" → "maria", "dmitriy" → "dmitry"), or `None` if there is none.
pub(super) fn without_glides(latin: &str) -> Option<String> {
    let plain = latin.replace("iya", "ia").replace("iyu", "iu").replace("iy", "y");
    (plain != latin).then_some(plain)
}

/// Whether the letter belongs to a script that is written without spaces between the parts
/// of a name and whose characters are syllables: Chinese, Japanese, Korean.
pub(super) fn is_syllabic(letter: char) -> bool {
    matches!(letter,
        '\u{3005}' | '\u{3040}'..='\u{30FF}' | '\u{3105}'..='\u{312F}' | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

/// Whether the letter joins two parts of one name rather than separating them.
pub(super) fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '`' | '\u{B4}' | '\u{2018}' | '\u{2019}' | '\u{2032}' | '\u{FF07}')
        || matches!(letter, '\u{02B9}'..='\u{02BF}' | '\u{02C8}' | '\u{02CA}' | '\u{02CB}')
}

/// Marks that change nothing about which name is meant, and characters that cannot be seen.
fn is_dropped(letter: char) -> bool {
    matches!(letter,
        // Accents of Latin, Greek and Cyrillic letters.
        '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0487}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}'
        // Vowel points of Hebrew and Arabic, and the Arabic stretcher.
        | '\u{0591}'..='\u{05BD}' | '\u{05BF}' | '\u{05C1}'..='\u{05C2}'
        | '\u{05C4}'..='\u{05C5}' | '\u{05C7}' | '\u{0610}'..='\u{061A}' | '\u{0640}'
        | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{06D6}'..='\u{06DC}'
        | '\u{06DF}'..='\u{06E4}' | '\u{06E7}'..='\u{06E8}' | '\u{06EA}'..='\u{06ED}'
        // Invisible: soft hyphen, joiners, directions, variation selectors, byte-order mark.
        | '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_fold_to_one_form() {
        for (written, folded) in [
            ("Müller", "muller"),
            ("Mu\u{308}ller", "muller"),
            ("ALCÁNTAR", "alcantar"),
            ("Ｍａｒｉａ", "maria"),
            ("Strauß", "strauss"),
            ("STRAUẞ", "strauss"),
            ("İnönü", "inonu"),
            ("Işık", "isik"),
            ("ΓΕΩΡΓΙΟΣ", "γεωργιοσ"),
            ("Γεώργιος", "γεωργιοσ"),
            ("Йовчев", "иовчев"),
            ("مُحَمَّد", "محمد"),
            ("أحمد", "احمد"),
            ("ﬁnn", "finn"),
            ("김철수", "김철수"),
            ("が", "が"),
            ("ｶﾞ", "ガ"),
            ("१९६३", "1963"),
            ("١٩٦٣", "1963"),
            ("ma\u{200D}ria\u{FEFF}", "maria"),
        ] {
            assert_eq!(fold(written), folded, "{written}");
        }
        assert_ne!(fold("मारिया"), fold("मर"), "Indic vowels are not accents");
    }

    #[test]
    fn other_scripts_have_a_latin_spelling() {
        for (folded, spelled) in [
            ("мария", "mariya"),
            ("王", "wang"),
            ("łodz", "lodz"),
            ("møller", "moller"),
            ("김", "gim"),
            ("γεωργιοσ", "georgios"),
        ] {
            assert_eq!(latin(folded), spelled, "{folded}");
        }
        assert_eq!(without_glides("mariya").as_deref(), Some("maria"));
        assert_eq!(without_glides("dmitriy").as_deref(), Some("dmitry"));
        assert_eq!(without_glides("ivan"), None);
        assert_eq!(umlauts_written_out("Müller").as_deref(), Some("mueller"));
        assert_eq!(umlauts_written_out("Mu\u{308}ller").as_deref(), Some("mueller"));
        assert_eq!(umlauts_written_out("Muller"), None);
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,24}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn a_latin_spelling_is_plain(text in "\\PC{0,24}") {
            let spelled = latin(&fold(&text));
            prop_assert!(spelled.chars().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase()));
        }
    }
}
