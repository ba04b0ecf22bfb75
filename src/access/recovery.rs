//! Recovery codes: ten for whoever has lost the phone, shown once, each good for one sign-in.
//!
//! A code has 120 bits, so that NIST SP 800-63B-4 (3.1.2.2) is content with a plain hash of it,
//! and it still opens when the key file of the data folder is lost.

use data_encoding::BASE32_NOPAD;

use super::AccessError;
use crate::vocab::digest::sha256;

/// How many a person gets at once.
pub const CODES: usize = 10;
const CODE_BYTES: usize = 15;
const LETTERS: usize = CODE_BYTES * 8 / 5;

/// New codes, as they are shown: six groups of four letters.
///
/// # Errors
/// The system gives no random numbers.
pub fn new_codes() -> Result<Vec<String>, AccessError> {
    (0..CODES)
        .map(|_| {
            let mut bytes = [0; CODE_BYTES];
            let filled = getrandom::fill(&mut bytes);
            filled.map_err(|cause| AccessError::Randomness(cause.to_string()))?;
            let letters: Vec<char> = BASE32_NOPAD.encode(&bytes).chars().collect();
            let groups = letters.chunks(4).map(|group| group.iter().collect::<String>());
            Ok(groups.collect::<Vec<_>>().join("-"))
        })
        .collect()
}

/// What the store keeps of the code that `typed` is, if it has the form of one. Case, blanks
/// and dashes do not matter, and digits that look like letters are taken for them.
#[must_use]
pub fn hash(user_id: i64, typed: &str) -> Option<Vec<u8>> {
    let letters: String = typed
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '-')
        .map(|letter| match letter.to_ascii_uppercase() {
            '0' => 'O',
            '1' => 'I',
            '8' => 'B',
            letter => letter,
        })
        .take(LETTERS + 1)
        .collect();
    let bytes = BASE32_NOPAD.decode(letters.as_bytes()).ok()?;
    let whole = bytes.len() == CODE_BYTES;
    whole.then(|| sha256(&[b"recovery code", &user_id.to_le_bytes(), &bytes]).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_different_codes_are_read_however_they_are_typed() {
        let codes = new_codes().unwrap();
        let distinct: std::collections::HashSet<_> = codes.iter().collect();
        assert_eq!(distinct.len(), CODES);
        for code in &codes {
            assert_eq!(code.len(), 29);
            let known = hash(7, code).unwrap();
            let sloppy = code.to_lowercase().replace('-', " ").replace('o', "0").replace('i', "1");
            assert_eq!(hash(7, &sloppy).as_ref(), Some(&known), "{sloppy}");
            assert_ne!(hash(8, code), Some(known), "another person's");
        }
    }

    #[test]
    fn anything_else_is_no_code() {
        let code = new_codes().unwrap().remove(0);
        for wrong in ["", "123456", &code[..28], &format!("{code}A"), &"é".repeat(24)] {
            assert_eq!(hash(7, wrong), None, "{wrong}");
        }
    }
}
