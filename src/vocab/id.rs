//! Identities: ordered by time, unique across nodes, an `i64` in the store and a short tagged
//! string everywhere else (JavaScript keeps only 53 bits of a number).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::clock::Clock;

/// The kinds of things that have an identity, with the tag of its string form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind {
    /// The word used for this kind in audit rows, history and events, e.g. `patient`.
    pub name: &'static str,
    /// Three letters before the underscore of the string form, e.g. `pat`.
    pub tag: &'static str,
}

impl Kind {
    /// A kind with its name and its three-letter tag.
    #[must_use]
    pub const fn new(name: &'static str, tag: &'static str) -> Self {
        Self { name, tag }
    }

    /// The string form of `id`, e.g. `pat_01h2xcejqtf2n`.
    #[must_use]
    pub fn show(self, id: i64) -> String {
        let mut text = String::with_capacity(self.tag.len() + 1 + DIGITS);
        text.push_str(self.tag);
        text.push('_');
        let bits = id.cast_unsigned();
        for place in (0..DIGITS).rev() {
            let digit = (bits >> (5 * place)) & 31;
            text.push(char::from(ALPHABET[usize::try_from(digit).unwrap_or(0)]));
        }
        text
    }

    /// The number behind a string form, or `None` if `text` is not an identity of this kind.
    #[must_use]
    pub fn parse(self, text: &str) -> Option<i64> {
        let digits = text.strip_prefix(self.tag)?.strip_prefix('_')?;
        if digits.len() != DIGITS {
            return None;
        }
        let mut bits: u64 = 0;
        for letter in digits.bytes() {
            let digit = ALPHABET.iter().position(|known| *known == letter)?;
            bits = bits.checked_mul(32)?.checked_add(u64::try_from(digit).ok()?)?;
        }
        i64::try_from(bits).ok().filter(|id| 0 < *id)
    }
}

/// Thirteen digits of five bits hold the 63 bits of a positive `i64`.
const DIGITS: usize = 13;
/// Crockford's base 32, which leaves out letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 2024-01-01T00:00:00Z in milliseconds; identities count from here.
const EPOCH_MS: i64 = 1_704_067_200_000;
const SEQUENCE_BITS: u32 = 12;
const NODE_BITS: u32 = 10;

/// Issues identities: 41 bits of milliseconds, 10 bits of node, 12 bits of sequence.
///
/// Identities of one node always rise, also when the clock is set back. Cheap to clone.
#[derive(Debug, Clone)]
pub struct IdSource {
    clock: Arc<dyn Clock>,
    node: i64,
    last: Arc<AtomicI64>,
}

impl IdSource {
    /// A source for `node` (0 to 1023) that reads the time from `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, node: u16) -> Self {
        let node = i64::from(node) & ((1 << NODE_BITS) - 1);
        Self { clock, node, last: Arc::new(AtomicI64::new(0)) }
    }

    /// The next identity, greater than all before it from this source.
    #[must_use]
    pub fn next(&self) -> i64 {
        let elapsed = (self.clock.now().as_millisecond() - EPOCH_MS).max(1);
        let fresh = elapsed << SEQUENCE_BITS;
        let before = self
            .last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(fresh.max(last + 1)))
            .unwrap_or_else(|last| last);
        let tick = fresh.max(before + 1);
        let (ms, sequence) = (tick >> SEQUENCE_BITS, tick & ((1 << SEQUENCE_BITS) - 1));
        (ms << (SEQUENCE_BITS + NODE_BITS)) | (self.node << SEQUENCE_BITS) | sequence
    }

    /// Makes every later identity greater than `id`, e.g. the newest one in the store, so that
    /// a clock that was set back between two starts cannot issue an identity twice.
    pub fn raise_above(&self, id: i64) {
        let ms = id >> (SEQUENCE_BITS + NODE_BITS);
        let sequence = id & ((1 << SEQUENCE_BITS) - 1);
        self.last.fetch_max((ms << SEQUENCE_BITS) | sequence, Ordering::Relaxed);
    }
}

/// The first of the 4,096 identities that node 0 can issue in the millisecond `ms` (since 1970;
/// one before 2024 counts as the first of 2024). For records made in bulk, whose identities must
/// be the same each time; whoever makes them sees to it that none is used twice.
#[must_use]
pub fn first_at(ms: i64) -> i64 {
    (ms - EPOCH_MS).max(1) << (SEQUENCE_BITS + NODE_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::clock::FrozenClock;
    use proptest::prelude::*;

    const PATIENT: Kind = Kind::new("patient", "pat");

    #[test]
    fn identities_rise_even_when_the_clock_stands_still_or_goes_back() {
        let clock = FrozenClock::at("2026-03-01T12:00:00Z");
        let ids = IdSource::new(Arc::new(clock.clone()), 3);
        let mut last = 0;
        for turn in 0..10_000 {
            if turn == 5_000 {
                clock.set("2026-02-01T12:00:00Z");
            }
            let id = ids.next();
            assert!(last < id);
            last = id;
        }
        let after_restart = IdSource::new(Arc::new(clock), 3);
        after_restart.raise_above(last);
        assert!(last < after_restart.next());
    }

    #[test]
    fn identities_of_a_moment_lie_between_those_before_and_after_it() {
        let clock = FrozenClock::at("2026-03-01T12:00:00Z");
        let ids = IdSource::new(Arc::new(clock.clone()), 0);
        let ms = clock.now().as_millisecond();
        assert_eq!(ids.next(), first_at(ms));
        assert!(first_at(ms - 1) + 4_095 < first_at(ms));
        clock.set("2026-03-01T12:00:01Z");
        assert!(first_at(ms) + 4_095 < ids.next());
    }

    #[test]
    fn a_string_of_another_kind_is_not_an_identity() {
        for wrong in [
            "",
            "pat_",
            "enc_0000000000001",
            "pat_1",
            "pat_000000000000u",
            "1",
            "pat_zzzzzzzzzzzzz",
            "pat_0000000000000",
            "PAT_0000000000001",
        ] {
            assert_eq!(PATIENT.parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn the_string_form_gives_the_number_back(id in 1..=i64::MAX) {
            prop_assert_eq!(PATIENT.parse(&PATIENT.show(id)), Some(id));
        }
    }
}
