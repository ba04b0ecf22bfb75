//! Record numbers: given out in order, with a check digit that catches every single wrong
//! digit and every swap of neighbours (Damm, 2004).

use crate::store::{StoreError, Tx};

/// The quasigroup of order 10 by H. Michael Damm; row is the interim digit.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// The next record number, e.g. `MRN-000000013`: eight digits in order and the check digit.
///
/// # Errors
/// What the store says.
pub fn next(tx: &Tx<'_>) -> Result<String, StoreError> {
    let sql = "INSERT INTO counter (name, value) VALUES ('mrn', 1) \
        ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value";
    let number = tx.one(sql, &[], |row| row.get::<i64>(0))?;
    Ok(format(number))
}

/// The record numbers up to `number` have been given out by other means than [`next`].
///
/// # Errors
/// What the store says.
pub fn taken_up_to(tx: &Tx<'_>, number: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO counter (name, value) VALUES ('mrn', ?1) \
        ON CONFLICT (name) DO UPDATE SET value = max(counter.value, ?1)";
    tx.execute(sql, &[number.into()])?;
    Ok(())
}

/// The record number that comes as number `number`, counted from 1.
#[must_use]
pub fn format(number: i64) -> String {
    let digits = format!("{number:08}");
    let check = check_digit(&digits);
    format!("MRN-{digits}{check}")
}

fn check_digit(digits: &str) -> u8 {
    digits.bytes().fold(0, |interim, digit| {
        let column = usize::from(digit.wrapping_sub(b'0') % 10);
        DAMM[usize::from(interim)][column]
    })
}

/// Whether `text` is a record number of ours without a slip of the pen.
#[must_use]
pub fn is_valid(text: &str) -> bool {
    let Some(digits) = text.strip_prefix("MRN-") else { return false };
    9 <= digits.len()
        && digits.len() <= 18
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && check_digit(digits) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_wrong_digit_and_a_swap_are_caught(
            number in 1..100_000_000_i64,
            at in 0..9_usize,
            other in 0..10_u8,
        ) {
            let right = format(number);
            prop_assert!(is_valid(&right));
            let mut wrong = right.clone().into_bytes();
            if wrong[4 + at] != b'0' + other {
                wrong[4 + at] = b'0' + other;
                prop_assert!(!is_valid(&String::from_utf8(wrong).unwrap()));
            }
            let mut swapped = right.into_bytes();
            if at < 8 && swapped[4 + at] != swapped[5 + at] {
                swapped.swap(4 + at, 5 + at);
                prop_assert!(!is_valid(&String::from_utf8(swapped).unwrap()));
            }
        }
    }

    #[test]
    fn numbers_rise_and_keep_their_width() {
        assert_eq!(format(1).len(), format(99_999_999).len());
        assert!(format(1) < format(2) && format(9) < format(10));
    }
}
