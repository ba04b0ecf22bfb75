//! Which passwords may be chosen, by NIST SP 800-63B-4 (3.1.1.2): length and nothing about
//! composition, every character, none that is guessed first, no change without a cause.
//!
//! What is guessed first is told by `zxcvbn` and its lists of common passwords, words, names,
//! dates and keys beside each other, to which the words of this hospital and person are added.

use unicode_normalization::UnicodeNormalization;
use zxcvbn::Score;

use crate::vocab::problem::Findings;

/// The shortest password where nothing else is asked for, in characters.
pub const LENGTH_MIN: usize = 15;
/// The shortest one of somebody who shows a second factor too, in characters.
pub const LENGTH_MIN_WITH_SECOND_FACTOR: usize = 8;
/// The longest password, in characters.
pub const LENGTH_MAX: usize = 200;

/// A password as it is counted and hashed: composed (NFC), so that the same letters typed on
/// another keyboard are the same password.
#[must_use]
pub fn composed(password: &str) -> String {
    password.nfc().collect()
}

/// Whether a password is too long to be looked at: a bound on what a try may cost.
#[must_use]
pub fn is_too_long(password: &str) -> bool {
    // A letter may be sent as its parts.
    LENGTH_MAX * 16 < password.len()
}

/// Whether a password is long enough only beside a second factor.
#[must_use]
pub fn is_too_short_alone(password: &str) -> bool {
    composed(password).chars().count() < LENGTH_MIN
}

/// For whom a password is chosen.
#[derive(Debug, Clone, Default)]
pub struct For<'a> {
    /// Their user name.
    pub username: &'a str,
    /// Other words that whoever knows them or the hospital would try.
    pub words: Vec<String>,
    /// Whether they show a second factor too.
    pub second_factor: bool,
}

/// Notes in `findings` what is wrong with a new `password`.
pub fn check(findings: &mut Findings, password: &str, of: &For<'_>) {
    if is_too_long(password) {
        findings.add("password", format!("Use at most {LENGTH_MAX} characters."));
        return;
    }
    let password = composed(password);
    let length = password.chars().count();
    let least = if of.second_factor { LENGTH_MIN_WITH_SECOND_FACTOR } else { LENGTH_MIN };
    if !(least..=LENGTH_MAX).contains(&length) {
        let mend = format!("Use {least} to {LENGTH_MAX} characters; several words are best.");
        findings.add("password", mend);
        return;
    }
    findings.check(
        !is_guessed_first(&password, of),
        "password",
        "This password is among the first that would be guessed. Use several words that have \
         nothing to do with each other, with you or with the hospital.",
    );
}

fn is_guessed_first(password: &str, of: &For<'_>) -> bool {
    let mut words: Vec<&str> = vec!["healthflow", "hospital", of.username];
    let parts = of.words.iter().flat_map(|text| text.split_whitespace());
    words.extend(parts.filter(|word| 3 <= word.chars().count()));
    words.extend(of.words.iter().map(String::as_str));
    words.extend(of.username.split(['.', '_', '-', '@']).filter(|part| 3 <= part.len()));
    is_made_of(password, &words) || zxcvbn::zxcvbn(password, &words).score() < Score::Three
}

/// Letters and digits that a password must have beside words that are known.
const OWN_LEAST: usize = 8;

/// Whether little is left of `password` without `words`.
fn is_made_of(password: &str, words: &[&str]) -> bool {
    let mut words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    words.retain(|word| !word.is_empty());
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let whole = password.to_lowercase();
    let rest = words.iter().fold(whole.clone(), |rest, word| rest.replace(word.as_str(), " "));
    rest != whole && rest.chars().filter(|letter| letter.is_alphanumeric()).count() < OWN_LEAST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(password: &str, second_factor: bool) -> bool {
        let mut findings = Findings::new();
        let words = vec!["St. Brigid Hospital Accra".to_owned(), "Akosua Mensah".to_owned()];
        let of = For { username: "nurse.akosua", words, second_factor };
        check(&mut findings, password, &of);
        findings.verdict().is_ok()
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        for wrong in [
            "passwordpassword",
            "Password123456789",
            "123456789012345",
            "aaaaaaaaaaaaaaaaaaaa",
            "abcabcabcabcabcabc",
            "qwertyuiopasdfgh",
            "qwertyuiop[]asdfg",
            "111111111111111111",
            "letmeinletmeinletmein",
            "iloveyouiloveyou",
            "nurse.akosua2026",
            "nurseakosuanurse",
            "Akosua-Mensah-Brigid-1",
            "akosuamensah1990",
            "healthflowhealthflow",
            "HealthFlow123456",
            "brigidbrigidbrigid",
            "stbrigidhospital",
            "accraaccraaccra1",
            "hospitalhospital",
        ] {
            assert!(!fits(wrong, false), "{wrong}");
            assert!(!fits(wrong, true), "{wrong}");
        }
        assert!(!fits(&"\u{a0}".repeat(16), false), "blanks that look like nothing");
    }

    #[test]
    fn length_counts_characters_and_every_character_counts() {
        for fine in [
            "four calm green herons",
            "correct horse battery",
            "ten quiet little boats by the harbour",
            "смелый тихий дождь",
            "الصبر مفتاح الفرج اليوم",
            "🦆 swims over a 🌧 roof",
            "\"; DROP TABLE app_user;--",
        ] {
            assert!(fits(fine, false), "{fine}");
        }
        assert!(fits(&"ab cd efx gh! ij klm no9 ".repeat(8), false), "200 characters");
        assert!(!fits(&format!("{}x", "ab cd efx gh! ij klm no9 ".repeat(8)), false));
        assert!(!fits("vT9#kq2!Lm7&zR", false), "14 characters are too few alone");
        assert!(fits("vT9#kq2!Lm7&zR", true), "and enough beside a second factor");
        assert!(!fits("vT9#kq2", true));
        assert!(!fits(&"é".repeat(5_000), false));
        // Fifteen characters as they are sent, fourteen as they are seen.
        assert!(!fits("vT9#kq2!Lm7&ze\u{301}", false));
    }

    #[test]
    fn the_same_letters_are_the_same_password() {
        assert_eq!(composed("cafe\u{301} au lait"), composed("caf\u{e9} au lait"));
        assert_ne!(composed("ﬁne"), composed("fine"), "letters that only look alike are not");
    }
}
