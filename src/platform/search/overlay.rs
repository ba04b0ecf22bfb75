//! The overlay: cards that were put and are not in the index yet.
//!
//! It is small and scanned from end to end; it answers a plan exactly as the index would.

use std::collections::HashMap;
use std::sync::Arc;

use super::Matched;
use super::keys::{Keys, Mark, Slot};
use super::query::{How, Leaf, Plan};
use super::rank::{self, Rank};

/// One card that waits for the next commit.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) id: i64,
    /// `None` for a card that has to disappear.
    pub(super) keys: Option<Arc<Keys>>,
    seq: u64,
    /// Distinguishes this card from a later one with the same id.
    stamp: u64,
}

/// A card of the overlay that satisfies a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) rank: Rank,
    pub(super) matched: Vec<Matched>,
}

/// The cards by id.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    cards: HashMap<i64, Pending>,
    stamps: u64,
}

impl Overlay {
    /// Takes a card in the place of an older one with the same id; an older one than what is
    /// there is left out.
    pub(super) fn put(&mut self, id: i64, keys: Option<Arc<Keys>>, seq: u64) {
        if self.cards.get(&id).is_some_and(|there| seq < there.seq) {
            return;
        }
        self.stamps += 1;
        self.cards.insert(id, Pending { id, keys, seq, stamp: self.stamps });
    }

    pub(super) fn len(&self) -> usize {
        self.cards.len()
    }

    /// All cards as they are now, to be searched or written to the index; they stay until
    /// [`Self::remove`].
    pub(super) fn pending(&self) -> Vec<Pending> {
        self.cards.values().cloned().collect()
    }

    /// Lets go of cards that the index answers for now, unless they were put again meanwhile.
    pub(super) fn remove(&mut self, written: &[Pending]) {
        for card in written {
            if self.cards.get(&card.id).is_some_and(|there| there.stamp == card.stamp) {
                self.cards.remove(&card.id);
            }
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.cards.clear();
    }
}

/// Every card that satisfies the plan, in no order.
pub(super) fn find(cards: &[Pending], plan: &Plan) -> Vec<Found> {
    let clauses = marked_clauses(plan);
    let found = |card: &Pending| find_in(&clauses, plan, card.id, card.keys.as_deref()?);
    cards.iter().filter_map(found).collect()
}

/// What `keys` cost to satisfy the plan, or nothing when they do not; less is better.
pub(super) fn cost(keys: &Keys, plan: &Plan) -> Option<u32> {
    let clauses = marked_clauses(plan);
    weigh(&clauses, keys).map(|(cost, _)| cost)
}

fn marked_clauses(plan: &Plan) -> Vec<Vec<Marked<'_>>> {
    let marked = |leaf| Marked { leaf, mark: Mark::of(leaf.slot, &leaf.text) };
    plan.clauses.iter().map(|clause| clause.iter().map(marked).collect()).collect()
}

/// A leaf with the mark that its text has as a key.
struct Marked<'a> {
    leaf: &'a Leaf,
    mark: Mark,
}

fn find_in(clauses: &[Vec<Marked<'_>>], plan: &Plan, id: i64, keys: &Keys) -> Option<Found> {
    let (cost, matched) = weigh(clauses, keys)?;
    let has_name = |name: &String| keys.has(Slot::FullNames, name, Mark::of(Slot::FullNames, name));
    let full_name = plan.full_names.iter().any(has_name);
    let length = rank::length_class(keys.length());
    Some(Found { rank: Rank::new(cost, full_name, length, id), matched })
}

/// The sum over all words, and why each was answered.
fn weigh(clauses: &[Vec<Marked<'_>>], keys: &Keys) -> Option<(u32, Vec<Matched>)> {
    let mut cost = 0;
    let mut matched = Vec::new();
    for clause in clauses {
        let first = clause.iter().position(|marked| answers(keys, marked))?;
        let best = clause[first].leaf.tier;
        cost += best.cost();
        let as_good = clause[first..].iter().take_while(|marked| marked.leaf.tier == best);
        let answering = as_good.filter(|marked| answers(keys, marked));
        matched.extend(answering.map(|marked| marked.leaf.matched));
    }
    matched.sort_unstable();
    matched.dedup();
    Some((cost, matched))
}

fn answers(keys: &Keys, Marked { leaf, mark }: &Marked<'_>) -> bool {
    let text = leaf.text.as_str();
    match leaf.how {
        How::Is => keys.has(leaf.slot, text, *mark),
        How::StartsWith => {
            let sorted = keys.slot(leaf.slot);
            let first = sorted.partition_point(|key| key.as_str() < text);
            sorted.get(first).is_some_and(|key| key.starts_with(text))
        }
        How::Within(edits) => keys.has_word_near(text, edits),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Card;
    use super::*;

    fn keys(name: &str) -> Option<Arc<Keys>> {
        Some(Arc::new(Keys::of(&Card { id: 1, names: vec![name.into()], ..Card::default() })))
    }

    fn finds(overlay: &Overlay, text: &str) -> bool {
        !find(&overlay.pending(), &Plan::read(text).unwrap()).is_empty()
    }

    #[test]
    fn the_newest_card_stays() {
        let mut overlay = Overlay::default();
        overlay.put(1, keys("Amina"), 5);
        overlay.put(1, keys("Bekele"), 4);
        assert!(finds(&overlay, "amina") && !finds(&overlay, "bekele"));
        overlay.put(1, keys("Chidi"), 5);
        assert!(finds(&overlay, "chidi") && !finds(&overlay, "amina"));
        overlay.put(1, None, 6);
        assert!(!finds(&overlay, "chidi"));
        assert_eq!(overlay.len(), 1, "a tombstone hides what the index has");
    }

    #[test]
    fn a_card_put_again_while_it_was_written_stays() {
        let mut overlay = Overlay::default();
        overlay.put(1, keys("Amina"), 1);
        overlay.put(2, keys("Bekele"), 2);
        let written = overlay.pending();
        overlay.put(1, keys("Chidi"), 3);
        overlay.remove(&written);
        assert_eq!(overlay.len(), 1);
        assert!(finds(&overlay, "chidi"));
    }
}
