//! search: finds a card by any part of what is written on it, while it is being typed.
//!
//! The room knows no patient. It is given [`Card`]s (names, identifiers, phones, a birth
//! date) and answers a line of text with the ids of the cards that match every word of it,
//! the exact ones first. Nothing can be read back from the index but ids: the store is the
//! truth, and the index can be thrown away and built again from it at any time.
//!
//! In reading order: `fold` and its neighbours `words`, `sounds`, `dates`, `phones`,
//! `identifiers` turn text into comparable keys; `keys` is a card as keys; `query` is a
//! line of text as a plan over keys; `overlay` runs a plan over the cards not committed yet,
//! `find` over those in the `index` with its `schema`, where `near` remembers what was
//! typed with errors; `rank` says what comes first; `engine` asks both; `why` tells by which
//! name a card was found; `writing` commits and takes damage away; `rebuild` makes a new
//! index beside the served one.
//!
//! **Invariant:** raw text never reaches a query parser; a plan is made of literal terms.
//! **Invariant:** the overlay and the index answer the same plan over the same keys, so
//! a card does not change its place in the answer when it is committed.
//! **Invariant:** text that was searched for is never logged and never part of an error.

mod dates;
mod engine;
mod find;
mod fold;
mod identifiers;
mod index;
mod keys;
mod near;
mod overlay;
mod phones;
mod query;
mod rank;
mod rebuild;
mod schema;
mod sounds;
#[cfg(test)]
mod tests;
mod why;
mod words;
mod writing;

pub use engine::Search;
pub use index::is_indexed;
pub use query::TEXT_MAX;
pub use rebuild::Rebuild;
pub use why::telling_names;

/// What one searchable thing says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    /// The number by which the caller knows it.
    pub id: i64,
    /// Each a full name as it is spoken, "Bekele Moreau", in any script.
    pub names: Vec<String>,
    /// As written, the record number first.
    pub identifiers: Vec<String>,
    /// As written.
    pub phones: Vec<String>,
    /// ISO 8601, perhaps reduced: `1963-05-10`, `1963-05` or `1963`.
    pub birth_date: Option<String>,
    /// Whether the card has to disappear from the index; then only `id` matters.
    pub gone: bool,
}

/// One card that matches every word of the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// [`Card::id`].
    pub id: i64,
    /// From 1 (an exact identifier) down to 0; only comparable within one answer.
    pub score: f32,
    /// Why it was found, without repetition.
    pub matched: Vec<Matched>,
}

/// Which part of a card answered to a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Matched {
    /// A name or the beginning of one, in whatever spelling or script.
    Name,
    /// An identifier, or at least four characters of its beginning or its end.
    Identifier,
    /// A phone number or at least its last four digits.
    Phone,
    /// The birth date, its month or its year.
    BirthDate,
    /// A name that sounds alike.
    SoundsLike,
    /// A name that differs by a typing error or two.
    Fuzzy,
}

/// What [`Search::query`] found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Best first.
    pub hits: Vec<Hit>,
    /// Whether the index is incomplete just now, so that something may be missing.
    pub rebuilding: bool,
    /// Whether more cards match than were asked for.
    pub more: bool,
}

/// Why the search could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// The text to look for has too many characters.
    #[error("the text to search for is longer than {max} characters")]
    TooLong {
        /// How many characters are allowed.
        max: usize,
    },
    /// The text to look for has too many words; a date counts as three.
    #[error("the text to search for has more than {max} words")]
    TooManyWords {
        /// How many words are allowed.
        max: usize,
    },
    /// [`Search::close`] was called.
    #[error("the search index is closed")]
    Closed,
    /// A second rebuild was asked for while one runs.
    #[error("the search index is already being rebuilt")]
    RebuildRunning,
    /// The index on disk could not be written: what was put since the last successful commit
    /// is still pending, or has to be replayed from [`Search::committed_seq`].
    #[error("the search index could not be written: {cause}")]
    Write {
        /// What the index said; it names files, never content.
        cause: String,
    },
}
