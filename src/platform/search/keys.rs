//! A card as the keys that it is found by, and the places where they are kept.

use std::collections::BTreeSet;

use super::identifiers;
use super::{Card, dates, phones, sounds, words};

/// A card has no more names, identifiers or phones than this, each.
const VALUES_MAX: usize = 64;
/// And no more different words, in all spellings together.
const WORDS_MAX: usize = 256;

/// Where keys of one kind are kept; the order is the order of the index's fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Slot {
    /// Whole words of names in every spelling.
    Words,
    /// Beginnings of these words.
    Starts,
    /// How they sound.
    Sounds,
    /// Every word of one name, in alphabetical order.
    FullNames,
    /// Identifiers in their exact forms.
    Identifiers,
    /// Beginnings of these.
    IdentifierStarts,
    /// Identifiers backwards.
    IdentifierEnds,
    /// Phone numbers backwards.
    Phones,
    /// Birth dates.
    Born,
}

impl Slot {
    /// All of them, in order.
    pub(super) const ALL: [Self; 9] = [
        Self::Words,
        Self::Starts,
        Self::Sounds,
        Self::FullNames,
        Self::Identifiers,
        Self::IdentifierStarts,
        Self::IdentifierEnds,
        Self::Phones,
        Self::Born,
    ];
}

/// What a card is found by: for each slot its keys, sorted and without repetition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keys {
    slots: [Vec<String>; Slot::ALL.len()],
    /// Of each word which letters it has.
    letters: Vec<u64>,
    /// The [`Mark`]s of all keys.
    marks: [u64; MARKS / 64],
}

/// A card has a hundred keys; nine of ten that it does not have are told by their mark.
const MARKS: usize = 1024;

/// A short hash of a key. A card without it does not have the key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark(usize);

impl Mark {
    pub(super) fn of(slot: Slot, key: &str) -> Self {
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let hash = key.bytes().fold(mix(0xcbf2_9ce4_8422_2325, slot as u8), mix);
        // The upper bits are the better mixed ones.
        Self((hash >> 32) as usize % MARKS)
    }
}

impl Keys {
    /// Takes a card apart. What exceeds the bounds is left out.
    pub(super) fn of(card: &Card) -> Self {
        let mut sets: [BTreeSet<String>; Slot::ALL.len()] = Default::default();
        let (mut names, mut starts) = (BTreeSet::new(), BTreeSet::new());
        for name in card.names.iter().take(VALUES_MAX) {
            words::of_name(name, &mut names, &mut starts);
            sets[Slot::FullNames as usize]
                .extend(full_names(&words::pieces(name, words::PIECES_MAX)));
        }
        let names = names.into_iter().take(WORDS_MAX).collect::<BTreeSet<_>>();
        for word in &names {
            starts.extend(words::starts(word).map(str::to_owned));
            sets[Slot::Sounds as usize].extend(sounds::codes(word));
        }
        sets[Slot::Words as usize] = names;
        sets[Slot::Starts as usize] = starts;
        for identifier in card.identifiers.iter().take(VALUES_MAX) {
            for form in identifiers::started_forms(identifier) {
                let starts = identifiers::starts(&form).map(str::to_owned);
                sets[Slot::IdentifierStarts as usize].extend(starts);
            }
            let forms = identifiers::exact_forms(identifier);
            sets[Slot::Identifiers as usize].extend(forms);
            let plain = identifiers::plain(identifier);
            if !plain.is_empty() {
                let end = identifiers::backwards(&plain);
                sets[Slot::IdentifierEnds as usize].insert(end);
            }
        }
        let phones = card.phones.iter().take(VALUES_MAX);
        sets[Slot::Phones as usize].extend(phones.filter_map(|phone| phones::key(phone)));
        let born = card.birth_date.iter().flat_map(|date| dates::keys(date));
        sets[Slot::Born as usize].extend(born);
        let slots = sets.map(|set| set.into_iter().collect::<Vec<_>>());
        let words = slots[Slot::Words as usize].iter();
        let letters = words.map(|word| words::letters_in(word)).collect();
        let mut marks = [0; MARKS / 64];
        for slot in Slot::ALL {
            for key in &slots[slot as usize] {
                let Mark(mark) = Mark::of(slot, key);
                marks[mark / 64] |= 1 << (mark % 64);
            }
        }
        Self { slots, letters, marks }
    }

    /// The keys in one slot, sorted.
    pub(super) fn slot(&self, slot: Slot) -> &[String] {
        &self.slots[slot as usize]
    }

    /// Whether it has a key.
    pub(super) fn has(&self, slot: Slot, key: &str, Mark(mark): Mark) -> bool {
        let may_have = self.marks[mark / 64] & (1 << (mark % 64)) != 0;
        may_have && self.slot(slot).binary_search_by(|mine| mine.as_str().cmp(key)).is_ok()
    }

    /// Whether a word becomes this one by at most so many typing errors.
    pub(super) fn has_word_near(&self, word: &str, edits: u8) -> bool {
        let letters = words::letters_in(word);
        let near = |kinds: u64| words::may_be_near(letters, kinds, edits);
        self.slot(Slot::Words)
            .iter()
            .zip(&self.letters)
            .any(|(mine, kinds)| near(*kinds) && words::within_edits(mine, word, edits))
    }

    /// How much there is of the card's names: what is left over when a query's letters are
    /// taken away makes one match closer than another.
    pub(super) fn length(&self) -> u32 {
        u32::try_from(self.slot(Slot::Starts).len()).unwrap_or(u32::MAX)
    }
}

/// The keys of a whole name, one for each way of spelling all of it; none for no words.
pub(super) fn full_names(pieces: &[words::Piece]) -> BTreeSet<String> {
    let spelled = |spelling: fn(&words::Piece) -> &str| {
        let mut all = pieces.iter().map(spelling).collect::<Vec<_>>();
        all.sort_unstable();
        all.join(" ")
    };
    let mut keys = BTreeSet::from([
        spelled(|piece| &piece.folded),
        spelled(words::Piece::latin),
        spelled(|piece| piece.others.last().unwrap_or(&piece.folded)),
    ]);
    keys.retain(|key| !key.is_empty());
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_has_these_keys() {
        let keys = Keys::of(&Card {
            id: 1,
            names: vec!["Jürg Müller".into()],
            identifiers: vec!["HF-0012".into()],
            phones: vec!["+41 44 123 45 67".into(), "?".into()],
            birth_date: Some("1963-05".into()),
            gone: false,
        });
        assert_eq!(keys.slot(Slot::Words), ["juerg", "jurg", "mueller", "muller"]);
        assert_eq!(keys.slot(Slot::FullNames), ["juerg mueller", "jurg muller"]);
        assert_eq!(keys.slot(Slot::Identifiers), ["0012", "12", "hf0012", "hf12"]);
        assert_eq!(keys.slot(Slot::IdentifierEnds), ["2100fh"]);
        assert_eq!(keys.slot(Slot::Phones), ["76543214414"]);
        assert_eq!(keys.slot(Slot::Born), ["1963", "1963-05", "=1963-05"]);
        assert!(keys.slot(Slot::Starts).contains(&"muel".to_owned()));
        assert!(keys.slot(Slot::Sounds).contains(&"MLR".to_owned()));
        let sorted = Slot::ALL.iter().all(|slot| keys.slot(*slot).is_sorted());
        assert!(sorted, "the overlay searches them by halves");
    }

    #[test]
    fn a_card_cannot_be_too_big() {
        let name = (0..4000).map(|n| format!("name{n}")).collect::<Vec<_>>().join(" ");
        let card = Card {
            id: 1,
            names: vec![name; 200],
            identifiers: vec!["9".repeat(10_000); 200],
            phones: vec!["1".repeat(10_000); 200],
            birth_date: Some("1".repeat(10_000)),
            gone: false,
        };
        let keys = Keys::of(&card);
        let all = Slot::ALL.iter().flat_map(|slot| keys.slot(*slot)).collect::<Vec<_>>();
        assert!(all.len() < 4_000 && all.iter().all(|key| key.len() < 1_000), "{}", all.len());
    }
}
