//! Codes of an app: RFC 6238 with SHA-1, six digits and steps of 30 seconds, which is what the
//! apps understand. The step before and the one after count too; each step counts once.

use data_encoding::{BASE32_NOPAD, BASE64};
use qrcodegen::{QrCode, QrCodeEcc};
use totp_rs::{Builder, Secret, Totp};

use super::AccessError;

/// Bytes of a secret, as many as its hash has.
pub const SECRET_BYTES: usize = 20;
/// Digits of a code.
pub const DIGITS: usize = 6;
/// Modules of quiet around a QR code.
const MARGIN: i32 = 4;

/// A new secret.
///
/// # Errors
/// The system gives no random numbers.
pub fn new_secret() -> Result<[u8; SECRET_BYTES], AccessError> {
    let mut secret = [0; SECRET_BYTES];
    getrandom::fill(&mut secret).map_err(|cause| AccessError::Randomness(cause.to_string()))?;
    Ok(secret)
}

/// The step that `code` is of, if it is one that counts at `now` (microseconds since 1970 UTC).
#[must_use]
pub fn step_of(secret: [u8; SECRET_BYTES], code: &str, now: i64) -> Option<i64> {
    let seconds = u64::try_from(now / 1_000_000).ok()?;
    let step = app(secret)?.check(code, seconds)?;
    i64::try_from(step).ok()
}

fn app(secret: [u8; SECRET_BYTES]) -> Option<Totp> {
    Builder::new().with_secret(Secret::new_stack(secret)).build().ok()
}

/// `typed` without blanks, if it has the form of a code.
#[must_use]
pub fn code(typed: &str) -> Option<String> {
    let code: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    (code.len() == DIGITS && code.bytes().all(|byte| byte.is_ascii_digit())).then_some(code)
}

/// What an app takes in: an address with the secret, the secret for typing, and a picture.
pub struct Offer {
    /// In base 32, in groups of four.
    pub key: String,
    /// `otpauth://…`.
    pub uri: String,
    /// The address as a QR code: an SVG as a `data:` address.
    pub picture: String,
}

// Without what it keeps: that is secret.
impl std::fmt::Debug for Offer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Offer").finish_non_exhaustive()
    }
}

/// What an app takes in for `username` at `hospital`.
#[must_use]
pub fn offer(secret: [u8; SECRET_BYTES], hospital: &str, username: &str) -> Offer {
    let text = BASE32_NOPAD.encode(&secret);
    let (issuer, account) = (encoded(hospital), encoded(username));
    let uri = format!(
        "otpauth://totp/{issuer}:{account}?secret={text}&issuer={issuer}\
         &algorithm=SHA1&digits={DIGITS}&period=30"
    );
    let letters: Vec<char> = text.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    let picture = picture(&uri).unwrap_or_default();
    Offer { key: groups.join(" "), uri, picture }
}

/// `text` for a part of an address, RFC 3986.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| match plain(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}

fn picture(uri: &str) -> Option<String> {
    let code = QrCode::encode_text(uri, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * MARGIN;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            path.push_str(&format!("M{},{}h1v1h-1z", x + MARGIN, y + MARGIN));
        }
    }
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0,0h{side}v{side}h-{side}z\"/>\
         <path d=\"{path}\"/></svg>"
    );
    Some(format!("data:image/svg+xml;base64,{}", BASE64.encode(svg.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;
    /// The secret of RFC 6238, appendix B.
    const RFC: [u8; SECRET_BYTES] = *b"12345678901234567890";

    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        for (seconds, eight_digits) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000_i64, "65353130"),
        ] {
            // Six digits are the last six of eight.
            let step = step_of(RFC, &eight_digits[2..], seconds * SECOND);
            assert_eq!(step, Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_code_counts_from_a_step_before_to_a_step_after_and_not_a_moment_longer() {
        let code = "287082"; // of step 1, which is 30 s to 60 s
        for (now, counts) in [
            (0, true),
            (30 * SECOND, true),
            (60 * SECOND - 1, true),
            (60 * SECOND, true),
            (90 * SECOND - 1, true),
            (90 * SECOND, false),
            (-SECOND, false),
        ] {
            assert_eq!(step_of(RFC, code, now).is_some(), counts, "{now}");
        }
    }

    #[test]
    fn only_six_digits_are_a_code() {
        assert_eq!(code(" 287 082\n").as_deref(), Some("287082"));
        for wrong in ["", "28708", "2870822", "28708a", "٢٨٧٠٨٢", "-87082", "+87082"] {
            assert_eq!(code(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_offer_names_hospital_and_person_and_shows_the_same_secret_thrice() {
        let offer = offer(RFC, "St. Brigid: \"Ost\" & <b>", "nurse.joy@ward");
        assert_eq!(offer.key, "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let secret = offer.key.replace(' ', "");
        assert!(offer.uri.starts_with(
            "otpauth://totp/St.%20Brigid%3A%20%22Ost%22%20%26%20%3Cb%3E:nurse.joy%40ward?secret="
        ));
        assert!(offer.uri.contains(&secret));
        let svg = offer.picture.strip_prefix("data:image/svg+xml;base64,").unwrap();
        let svg = String::from_utf8(BASE64.decode(svg.as_bytes()).unwrap()).unwrap();
        assert!(svg.starts_with("<svg") && !svg.contains("script") && !svg.contains("style"));
    }
}
