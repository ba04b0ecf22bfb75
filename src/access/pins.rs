//! PINs: digits with which a person comes back to a workstation at which they have signed in
//! during this shift. Worth nothing anywhere else.

use super::error::AccessError;
use super::users::USER;
use crate::platform::ledger::{Touch, Work};
use crate::store::{ReadTx, StoreError};
use crate::vocab::problem::Findings;

/// The shortest PIN, in digits.
pub const LENGTH_MIN: usize = 6;
/// The longest PIN, in digits.
pub const LENGTH_MAX: usize = 12;
/// Wrong ones that a session takes before it asks for the password.
pub const FAILURES_MAX: i64 = 3;

/// Notes in `findings` what is wrong with a new PIN: with three tries, the ones that everybody
/// would try must not be among the possible ones.
pub fn check(findings: &mut Findings, pin: &str) {
    let digits = pin.bytes().all(|byte| byte.is_ascii_digit());
    let fits = digits && (LENGTH_MIN..=LENGTH_MAX).contains(&pin.len());
    let mend = format!("Use {LENGTH_MIN} to {LENGTH_MAX} digits.");
    findings.check(fits, "pin", &mend);
    findings.check(
        !fits || !is_pattern(pin.as_bytes()),
        "pin",
        "Choose digits that do not repeat and do not follow each other.",
    );
}

/// `000000`, `123456`, `864202`, `121212`, `123123`.
fn is_pattern(pin: &[u8]) -> bool {
    let steps: Vec<i16> = pin
        .windows(2)
        .map(|pair| (i16::from(pair[1]) - i16::from(pair[0])).rem_euclid(10))
        .collect();
    let even = steps.windows(2).all(|pair| pair[0] == pair[1]);
    let repeats = |length: usize| pin.iter().zip(&pin[length..]).all(|(a, b)| a == b);
    even || (1..=pin.len() / 2).any(repeats)
}

/// The hash of the user's PIN, if they have one.
///
/// # Errors
/// What the store says.
pub fn find(tx: &ReadTx<'_>, user_id: i64) -> Result<Option<String>, StoreError> {
    let sql = "SELECT pin_hash FROM pin WHERE user_id = ?1";
    tx.opt(sql, &[user_id.into()], |row| row.get(0))
}

/// Gives the user the PIN behind `hash`.
///
/// # Errors
/// What the store says.
pub fn set(work: &Work<'_>, user_id: i64, hash: &str) -> Result<(), AccessError> {
    let sql = "INSERT INTO pin (user_id, pin_hash, created_at) VALUES (?1, ?2, ?3) \
        ON CONFLICT (user_id) DO UPDATE \
        SET pin_hash = excluded.pin_hash, created_at = excluded.created_at";
    work.tx().execute(sql, &[user_id.into(), hash.into(), work.now().into()])?;
    work.touched(Touch { kind: USER, id: user_id, patient: None, event: "pin_set" });
    Ok(())
}

/// Takes the user's PIN away.
///
/// # Errors
/// What the store says.
pub fn remove(work: &Work<'_>, user_id: i64) -> Result<(), AccessError> {
    if work.tx().execute("DELETE FROM pin WHERE user_id = ?1", &[user_id.into()])? != 0 {
        work.touched(Touch { kind: USER, id: user_id, patient: None, event: "pin_removed" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pin: &str) -> bool {
        let mut findings = Findings::new();
        check(&mut findings, pin);
        findings.verdict().is_ok()
    }

    #[test]
    fn what_everybody_would_try_is_no_pin() {
        for wrong in [
            "",
            "12345",
            "1234567890123",
            "12345a",
            "١٢٣٤٥٦",
            "000000",
            "99999999",
            "123456",
            "654321",
            "678901",
            "135791",
            "864208",
            "121212",
            "123123",
            "123412341234",
            "112112112",
        ] {
            assert!(!fits(wrong), "{wrong}");
        }
        for fine in ["271828", "314159", "902174", "2718281828", "112358", "010203"] {
            assert!(fits(fine), "{fine}");
        }
    }
}
