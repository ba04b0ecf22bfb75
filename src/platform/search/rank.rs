//! What comes first.
//!
//! Each word of a text costs what its best answer is worth; a step down the ladder of
//! [`Tier`] costs more than all words of a text together one step higher. So one mistyped
//! word puts a card behind every card without a mistyped word. Equal cards are ordered by
//! how little there is of their names beside what was typed, then by id.

use std::collections::BinaryHeap;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::schema::Field;
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use super::query::WORDS_MAX;

/// How good an answer to one word is, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// A whole identifier.
    Identifier,
    /// A whole word in its own spelling, a whole phone number, a whole birth date.
    Exact,
    /// A whole word in another spelling or script.
    Respelled,
    /// A part: the beginning of a word, the end of a number, a month or year of birth.
    Prefix,
    /// A word that sounds alike.
    Sounds,
    /// A word with one typing error.
    OneEdit,
    /// A word with two.
    TwoEdits,
}

/// A step of the ladder; more than a text has words.
const STEP: u32 = WORDS_MAX as u32 + 1;
/// More than any word can cost.
const CLAUSE: u32 = STEP.pow(5) + 1;

impl Tier {
    /// What a word costs that is answered like this.
    pub(super) fn cost(self) -> u32 {
        match self {
            Self::Identifier => 0,
            Self::Exact => 1,
            Self::Respelled => STEP,
            Self::Prefix => STEP.pow(2),
            Self::Sounds => STEP.pow(3),
            Self::OneEdit => STEP.pow(4),
            Self::TwoEdits => STEP.pow(5),
        }
    }

    /// Whether the answer forgives no error.
    pub(super) fn is_strict(self) -> bool {
        self <= Self::Prefix
    }

    /// The same as a score, where more is better: even, so that a whole name can make the
    /// difference of one, and so small that the sum over all words is exact in `f32`.
    pub(super) fn score(self) -> Score {
        exact_score(2 * (CLAUSE - self.cost()))
    }
}

/// Added once to the score of a card whose whole name was typed.
pub(super) const FULL_NAME_SCORE: Score = 1.0;

/// The place of a card in an answer; the smallest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// Twice the sum over all words, less one for a whole name.
    cost: u32,
    length: u8,
    pub(super) id: i64,
}

impl Rank {
    /// `cost` is the sum over all words, `length` comes from [`length_class`].
    pub(super) fn new(cost: u32, full_name: bool, length: u8, id: i64) -> Self {
        // Identifiers alone cost nothing, and nothing is better than they are.
        let cost = (2 * cost).saturating_sub(u32::from(full_name));
        Self { cost, length, id }
    }

    /// From 1 for the best possible down to 0, falling with every step of the ladder.
    pub(super) fn score(self, clauses: usize) -> f32 {
        let worst = exact_score(2 * STEP.pow(5)) * (clauses.max(1) as f32);
        (1.0 - exact_score(self.cost).ln_1p() / worst.ln_1p()).clamp(0.0, 1.0)
    }
}

/// Lengths as the index keeps them, in one byte: exact for short names, coarse for long.
pub(super) fn length_class(length: u32) -> u8 {
    FieldNormReader::fieldnorm_to_id(length)
}

/// Numbers up to 2^24 are exact in `f32`; everything here stays below.
fn exact_score(number: u32) -> f32 {
    number as f32
}

/// A document of the index that satisfies a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ranked {
    pub(super) rank: Rank,
    pub(super) at: DocAddress,
}

/// Collects the best documents of a query whose score is the sum of [`Tier::score`].
#[derive(Debug)]
pub(super) struct Best {
    /// How many to keep.
    pub(super) limit: usize,
    /// How many words the query has.
    pub(super) clauses: usize,
    /// The name of the fast field that holds the id.
    pub(super) id_field: &'static str,
    /// The field whose number of terms is the length of a card.
    pub(super) length_field: Field,
}

impl Collector for Best {
    type Fruit = Vec<Ranked>;
    type Child = BestOfSegment;

    fn for_segment(
        &self,
        segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<BestOfSegment> {
        Ok(BestOfSegment {
            limit: self.limit,
            full_score: 2 * CLAUSE * u32::try_from(self.clauses).unwrap_or(u32::MAX),
            segment,
            ids: reader.fast_fields().i64(self.id_field)?,
            lengths: reader.get_fieldnorms_reader(self.length_field)?,
            best: BinaryHeap::with_capacity(self.limit + 1),
        })
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, segments: Vec<Vec<Ranked>>) -> tantivy::Result<Vec<Ranked>> {
        let mut all = segments.into_iter().flatten().collect::<Vec<_>>();
        all.sort_unstable();
        all.truncate(self.limit);
        Ok(all)
    }
}

/// The best documents of one segment, the worst of them on top.
pub(super) struct BestOfSegment {
    limit: usize,
    full_score: u32,
    segment: SegmentOrdinal,
    ids: Column<i64>,
    lengths: FieldNormReader,
    best: BinaryHeap<Ranked>,
}

impl SegmentCollector for BestOfSegment {
    type Fruit = Vec<Ranked>;

    fn collect(&mut self, doc: DocId, score: Score) {
        // The score is a whole number by construction.
        let cost = self.full_score.saturating_sub(score as u32);
        let worst = (self.best.len() == self.limit).then(|| self.best.peek()).flatten();
        // Most documents of a short prefix end here, before anything else is read.
        if worst.is_some_and(|worst| worst.rank.cost < cost) {
            return;
        }
        let length = self.lengths.fieldnorm_id(doc);
        if worst.is_some_and(|worst| (worst.rank.cost, worst.rank.length) < (cost, length)) {
            return;
        }
        let Some(id) = self.ids.first(doc) else { return };
        let rank = Rank { cost, length, id };
        self.best.push(Ranked { rank, at: DocAddress::new(self.segment, doc) });
        if self.limit < self.best.len() {
            self.best.pop();
        }
    }

    fn harvest(self) -> Vec<Ranked> {
        self.best.into_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LADDER: [Tier; 7] = [
        Tier::Identifier,
        Tier::Exact,
        Tier::Respelled,
        Tier::Prefix,
        Tier::Sounds,
        Tier::OneEdit,
        Tier::TwoEdits,
    ];

    #[test]
    fn one_worse_word_weighs_more_than_all_better_ones() {
        let words = u32::try_from(WORDS_MAX).unwrap();
        for steps in LADDER.windows(2) {
            assert!(words * steps[0].cost() < steps[1].cost(), "{steps:?}");
        }
    }

    #[test]
    fn sums_of_scores_are_exact_and_give_the_cost_back() {
        for tier in LADDER {
            let sum = (0..WORDS_MAX).map(|_| tier.score()).sum::<f32>();
            assert!(sum + FULL_NAME_SCORE < 16_777_216.0);
            let full = 2 * CLAUSE * STEP.saturating_sub(1);
            assert_eq!(full - sum as u32, 2 * tier.cost() * (STEP - 1));
            assert!(FULL_NAME_SCORE <= tier.score());
        }
    }

    #[test]
    fn scores_fall_down_the_ladder_between_one_and_nothing() {
        for words in [1, 2, WORDS_MAX] {
            let count = u32::try_from(words).unwrap();
            let scores = LADDER
                .map(|tier| Rank::new(tier.cost() * count, false, 0, 1).score(words))
                .to_vec();
            assert!(scores.is_sorted_by(|one, next| next < one), "{scores:?}");
            assert_eq!((scores[0], scores[6]), (1.0, 0.0));
        }
    }
}
