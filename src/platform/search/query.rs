//! A line of text as a plan: for each of its words the keys that may answer to it.
//!
//! A plan is a conjunction of disjunctions. What spans several words (a date written with
//! spaces, a phone number in groups, "O'Kon" typed for "Okon") stands as a possibility in
//! the clause of each word that it covers, so that the plan stays flat.

use super::dates;
use super::identifiers;
use super::keys::{Slot, full_names};
use super::phones;
use super::rank::Tier;
use super::sounds;
use super::words::{self, Piece};
use super::{Matched, SearchError};

/// The longest text that can be looked for, in characters.
pub const TEXT_MAX: usize = 200;
/// The most words that can be looked for at once. Ranking counts on it.
pub(super) const WORDS_MAX: usize = 12;
/// An identifier or a phone number is written in at most this many groups.
const GROUPS_MAX: usize = 8;
/// One word has no more possibilities than this; only contrived text comes near.
const LEAVES_MAX: usize = 160;

/// How a key answers to the text of a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum How {
    /// It is the same.
    Is,
    /// It begins with it.
    StartsWith,
    /// It differs by at most this many typing errors.
    Within(u8),
}

/// One possibility: which keys answer, how good that is, and what to call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaf {
    pub(super) slot: Slot,
    pub(super) how: How,
    pub(super) text: String,
    pub(super) tier: Tier,
    pub(super) matched: Matched,
}

/// What a card has to satisfy: one leaf of every clause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// One for each word; the leaves of each are in order of their tier.
    pub(super) clauses: Vec<Vec<Leaf>>,
    /// Keys of a whole name; a card that has one comes before others as good.
    pub(super) full_names: Vec<String>,
}

impl Plan {
    /// Reads a text. It may have no words at all; then the plan has no clauses.
    ///
    /// # Errors
    /// [`SearchError::TooLong`] and [`SearchError::TooManyWords`].
    pub(super) fn read(text: &str) -> Result<Self, SearchError> {
        let text = text.trim();
        if TEXT_MAX < text.chars().take(TEXT_MAX + 1).count() {
            return Err(SearchError::TooLong { max: TEXT_MAX });
        }
        let pieces = words::pieces(text, WORDS_MAX + 1);
        if WORDS_MAX < pieces.len() {
            return Err(SearchError::TooManyWords { max: WORDS_MAX });
        }
        let mut plan = Self {
            clauses: pieces.iter().map(of_word).collect(),
            full_names: names_within(&pieces),
        };
        plan.add_joined(&pieces);
        plan.add_dates(&pieces);
        plan.add_numbers(&pieces);
        for clause in &mut plan.clauses {
            clause.sort_by_key(|leaf| leaf.tier);
            let mut kept: Vec<Leaf> = Vec::with_capacity(clause.len());
            for leaf in clause.drain(..) {
                if kept.len() < LEAVES_MAX && !kept.iter().any(|other| other.same_key(&leaf)) {
                    kept.push(leaf);
                }
            }
            *clause = kept;
        }
        Ok(plan)
    }

    /// The same plan without the possibilities that forgive errors.
    pub(super) fn strict(&self) -> Self {
        let strict = |clause: &Vec<Leaf>| {
            clause.iter().filter(|leaf| leaf.tier.is_strict()).cloned().collect()
        };
        Self {
            clauses: self.clauses.iter().map(strict).collect(),
            full_names: self.full_names.clone(),
        }
    }

    fn add_joined(&mut self, pieces: &[Piece]) {
        for span in words::joins(pieces) {
            let mut leaves = Vec::new();
            for (nth, spelling) in words::joined(&pieces[span.clone()]).iter().enumerate() {
                let word = if nth == 0 { Tier::Exact } else { Tier::Respelled };
                name_leaves(spelling, word, Tier::Prefix, &mut leaves);
                // Any two beginnings of names are short enough to be particles; only what was
                // written as one is worth forgiving.
                if pieces[span.start].chunk == pieces[span.end - 1].chunk {
                    loose_leaves(spelling, &mut leaves);
                }
            }
            self.add_to_all(span, &leaves);
        }
    }

    fn add_dates(&mut self, pieces: &[Piece]) {
        for span in spans(pieces.len(), dates::WORDS_MAX) {
            let written = pieces[span.clone()].iter().map(Piece::latin).collect::<Vec<_>>();
            let mut leaves = Vec::new();
            for born in dates::read(&written) {
                let tier = match born {
                    dates::Born::Day(..) => Tier::Exact,
                    _ => Tier::Prefix,
                };
                leaves.push(leaf(Slot::Born, How::Is, born.key(), tier, Matched::BirthDate));
                for key in born.reduced_keys() {
                    let reduced = leaf(Slot::Born, How::Is, key, Tier::Prefix, Matched::BirthDate);
                    leaves.push(reduced);
                }
            }
            self.add_to_all(span, &leaves);
        }
    }

    /// Identifiers and phones, in one piece or in groups.
    fn add_numbers(&mut self, pieces: &[Piece]) {
        for span in spans(pieces.len(), GROUPS_MAX) {
            let group = &pieces[span.clone()];
            let one_chunk = group.iter().all(|piece| piece.chunk == group[0].chunk);
            let digits_follow = group[1..].iter().all(Piece::has_digit);
            if 1 < group.len() && !one_chunk && !digits_follow {
                continue;
            }
            let written = group.iter().map(Piece::latin).collect::<String>();
            let mut leaves = Vec::new();
            identifier_leaves(&written, &mut leaves);
            if group.iter().all(Piece::is_number) {
                phone_leaves(&written, &mut leaves);
            }
            self.add_to_all(span, &leaves);
        }
    }

    fn add_to_all(&mut self, span: std::ops::Range<usize>, leaves: &[Leaf]) {
        for clause in &mut self.clauses[span] {
            clause.extend_from_slice(leaves);
        }
    }
}

impl Leaf {
    fn same_key(&self, other: &Self) -> bool {
        (self.slot, self.how, &self.text) == (other.slot, other.how, &other.text)
    }
}

fn leaf(slot: Slot, how: How, text: String, tier: Tier, matched: Matched) -> Leaf {
    Leaf { slot, how, text, tier, matched }
}

/// Every run of at most `longest` neighbours among `count`.
fn spans(count: usize, longest: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    (0..count)
        .flat_map(move |start| (start + 1..=count.min(start + longest)).map(move |end| start..end))
}

fn of_word(piece: &Piece) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    // A character of a syllabic script says as much as a word; its sound is many others too.
    let (start, other_word) = match piece.syllabic {
        true => (Tier::Respelled, Tier::Prefix),
        false => (Tier::Prefix, Tier::Respelled),
    };
    name_leaves(&piece.folded, Tier::Exact, start, &mut leaves);
    for other in &piece.others {
        name_leaves(other, other_word, Tier::Prefix, &mut leaves);
    }
    // A character is too little to be heard or mistyped; its sound in Latin is another word.
    if !piece.syllabic && !piece.has_digit() {
        loose_leaves(piece.latin(), &mut leaves);
        for other in &piece.others {
            loose_leaves(other, &mut leaves);
        }
    }
    leaves
}

fn name_leaves(spelling: &str, word: Tier, start: Tier, leaves: &mut Vec<Leaf>) {
    let text = || spelling.to_owned();
    leaves.push(leaf(Slot::Words, How::Is, text(), word, Matched::Name));
    let short = spelling.chars().count() <= words::START_MAX;
    let (slot, how) = match short {
        true => (Slot::Starts, How::Is),
        false => (Slot::Words, How::StartsWith),
    };
    leaves.push(leaf(slot, how, text(), start, Matched::Name));
}

fn loose_leaves(spelling: &str, leaves: &mut Vec<Leaf>) {
    for code in sounds::codes(spelling) {
        leaves.push(leaf(Slot::Sounds, How::Is, code, Tier::Sounds, Matched::SoundsLike));
    }
    let edits = words::edits_allowed(spelling.chars().count());
    for (count, tier) in [(1, Tier::OneEdit), (2, Tier::TwoEdits)] {
        if count <= edits {
            let how = How::Within(count);
            leaves.push(leaf(Slot::Words, how, spelling.to_owned(), tier, Matched::Fuzzy));
        }
    }
}

fn identifier_leaves(written: &str, leaves: &mut Vec<Leaf>) {
    let plain = identifiers::plain(written);
    let add = |slot, how, text: &str, tier, leaves: &mut Vec<Leaf>| {
        leaves.push(leaf(slot, how, text.to_owned(), tier, Matched::Identifier));
    };
    for form in [identifiers::without_zeros(&plain), plain.clone()] {
        if !form.is_empty() {
            add(Slot::Identifiers, How::Is, &form, Tier::Identifier, leaves);
        }
        match form.len() {
            0..identifiers::PART_MIN => {}
            identifiers::PART_MIN..=identifiers::START_MAX => {
                add(Slot::IdentifierStarts, How::Is, &form, Tier::Prefix, leaves);
            }
            _ => add(Slot::Identifiers, How::StartsWith, &form, Tier::Prefix, leaves),
        }
    }
    let digits = plain.bytes().filter(u8::is_ascii_digit).count();
    if identifiers::PART_MIN <= digits {
        let end = identifiers::backwards(&plain);
        add(Slot::IdentifierEnds, How::StartsWith, &end, Tier::Prefix, leaves);
    }
}

fn phone_leaves(digits: &str, leaves: &mut Vec<Leaf>) {
    let reading = phones::read(digits);
    if let Some(key) = reading.whole {
        leaves.push(leaf(Slot::Phones, How::Is, key, Tier::Exact, Matched::Phone));
    }
    for end in reading.ends {
        leaves.push(leaf(Slot::Phones, How::StartsWith, end, Tier::Prefix, Matched::Phone));
    }
}

/// The keys of the whole name that the text may contain beside a number or a date.
fn names_within(pieces: &[Piece]) -> Vec<String> {
    let letters = pieces.iter().filter(|piece| !piece.has_digit()).cloned().collect::<Vec<_>>();
    full_names(&letters).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_bounded() {
        assert!(Plan::read(&"a".repeat(TEXT_MAX)).is_ok());
        let long = Plan::read(&"a".repeat(TEXT_MAX + 1)).unwrap_err();
        assert_eq!(long, SearchError::TooLong { max: TEXT_MAX });
        assert!(Plan::read(&"ab ".repeat(WORDS_MAX)).is_ok());
        let many = Plan::read(&"ab ".repeat(WORDS_MAX + 1)).unwrap_err();
        assert_eq!(many, SearchError::TooManyWords { max: WORDS_MAX });
        for empty in ["", "   ", "-", "…", "\0", "\u{301}"] {
            assert_eq!(Plan::read(empty).unwrap().clauses.len(), 0, "{empty:?}");
        }
    }

    #[test]
    fn a_date_in_three_words_stands_in_three_clauses() {
        let plan = Plan::read("10 May 1963").unwrap();
        assert_eq!(plan.clauses.len(), 3);
        for clause in &plan.clauses {
            assert!(clause.iter().any(|leaf| leaf.text == "1963-05-10"));
        }
        assert_eq!(plan.full_names, ["may"]);
    }

    #[test]
    fn a_strict_plan_forgives_nothing() {
        let plan = Plan::read("moreau").unwrap();
        assert!(plan.clauses[0].iter().any(|leaf| leaf.tier == Tier::OneEdit));
        let strict = plan.strict();
        assert!(strict.clauses[0].iter().all(|leaf| leaf.tier <= Tier::Prefix));
        assert!(strict.clauses[0].iter().any(|leaf| leaf.tier == Tier::Prefix));
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_planned_in_bounds(text in "\\PC{0,210}") {
            if let Ok(plan) = Plan::read(&text) {
                prop_assert!(plan.clauses.len() <= WORDS_MAX);
                for clause in &plan.clauses {
                    prop_assert!(!clause.is_empty() && clause.len() <= LEAVES_MAX);
                    prop_assert!(clause.iter().all(|leaf| !leaf.text.is_empty()));
                    prop_assert!(clause.is_sorted_by_key(|leaf| leaf.tier));
                }
            }
        }
    }
}
