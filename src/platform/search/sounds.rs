//! How a name sounds, as a short code that names of equal sound share.

use rphonetic::DoubleMetaphone;

/// Shorter words sound like half the hospital.
const LETTERS_MIN: usize = 3;

/// The double-metaphone codes of a Latin spelling in lower case: none for words that are too
/// short or not made of letters only, one, or two where a name has two pronunciations.
pub(super) fn codes(spelled: &str) -> Vec<String> {
    if spelled.len() < LETTERS_MIN || !spelled.bytes().all(|b| b.is_ascii_lowercase()) {
        return Vec::new();
    }
    let coder = DoubleMetaphone::default();
    let sound = coder.double_metaphone(spelled);
    let mut codes = vec![sound.primary(), sound.alternate()];
    codes.retain(|code| !code.is_empty());
    codes.dedup();
    codes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_sound_alike_share_a_code() {
        for (one, other) in [
            ("stephen", "steven"),
            ("catherine", "kathryn"),
            ("moreau", "moro"),
            ("schmidt", "smith"),
            ("leigh", "lee"),
            ("philip", "filip"),
        ] {
            let shared = codes(one).into_iter().any(|code| codes(other).contains(&code));
            assert!(shared, "{one} {:?} {other} {:?}", codes(one), codes(other));
        }
        assert!(codes("moreau").iter().all(|code| !codes("bekele").contains(code)));
        assert_eq!(codes("li"), Vec::<String>::new());
        assert_eq!(codes("h2o"), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn any_word_has_a_sound_and_none_is_too_much(word in "[a-z]{0,40}") {
            prop_assert!(codes(&word).len() <= 2);
        }
    }
}
