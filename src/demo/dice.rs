//! Chance that can be repeated: the same key gives the same throws on every machine. Whole
//! numbers only, so that no processor rounds differently.

/// A row of throws (SplitMix64, Steele, Lea and Flood 2014).
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    /// The dice for `subject`, say a block of people, in the hospital of `seed`.
    pub(super) fn new(seed: u64, subject: u64) -> Self {
        let mut dice = Self(seed);
        let mixed = dice.next();
        Self(mixed ^ subject.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A whole number in `low..=high`; `low` if that is empty.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).saturating_add(1).max(1).cast_unsigned();
        low + (self.next() % span).cast_signed()
    }

    /// One that is likelier in the middle of `low..=high` than at its ends.
    pub(super) fn around(&mut self, low: i64, high: i64) -> i64 {
        (self.between(low, high) + self.between(low, high) + self.between(low, high)) / 3
    }

    /// Yes, in so many of a thousand throws.
    pub(super) fn chance(&mut self, per_mille: i64) -> bool {
        self.between(0, 999) < per_mille
    }

    /// One of `items`, which are not none.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let last = i64::try_from(items.len()).unwrap_or(1) - 1;
        &items[usize::try_from(self.between(0, last)).unwrap_or(0)]
    }

    /// The position of one of `weights`, likelier where the weight is larger.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = i64> + Clone) -> usize {
        let mut left = self.between(1, weights.clone().sum());
        let mut last = 0;
        for (position, weight) in weights.enumerate() {
            last = position;
            left -= weight;
            if left <= 0 {
                break;
            }
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_gives_the_same_throws_and_another_key_gives_others() {
        let throws = |seed, subject| {
            let mut dice = Dice::new(seed, subject);
            (0..8).map(|_| dice.between(0, 1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(throws(1, 2), throws(1, 2));
        assert_ne!(throws(1, 2), throws(1, 3));
        assert_ne!(throws(1, 2), throws(2, 2));
        // What every other machine throws, too.
        assert_eq!(throws(0, 0)[..3], [733_173, 179_992, 162_069]);
    }

    #[test]
    fn throws_stay_within_their_bounds_and_follow_their_weights() {
        let mut dice = Dice::new(7, 7);
        let mut counts = [0; 3];
        for _ in 0..3_000 {
            assert!((-3..=4).contains(&dice.between(-3, 4)));
            assert!((10..=20).contains(&dice.around(10, 20)));
            counts[dice.weighted([1, 0, 2].into_iter())] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!((900..1_100).contains(&counts[0]), "{counts:?}");
        assert_eq!(dice.between(5, 4), 5);
    }
}
