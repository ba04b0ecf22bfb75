//! Where a timeline goes on: after a record, named by its kind and identity. The time is looked
//! up again, so that an address holds no patient data.

use super::sources::{SOURCES, Source};
use crate::vocab::digest;

/// The record after which the next page starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct After {
    /// Its source, by number.
    pub(super) source: usize,
    /// Its identity.
    pub(super) id: i64,
}

impl After {
    /// The string form in the timeline of `patient` made of `sources`.
    pub(super) fn show(self, patient: i64, sources: &[&'static Source]) -> String {
        format!("t{}{:016x}{}", self.source, self.id, check(patient, sources))
    }

    /// Reads a cursor of just this timeline. Its record must be of a source that is asked for,
    /// which the caller may therefore read: a made-up cursor must not tell whether there is a
    /// record of another kind, and when it was.
    pub(super) fn parse(text: &str, patient: i64, sources: &[&'static Source]) -> Option<Self> {
        let source: usize = text.strip_prefix('t')?.get(..1)?.parse().ok()?;
        let id = i64::from_str_radix(text.get(2..18)?, 16).ok()?;
        let named = SOURCES.get(source)?.resource.kind;
        let asked = sources.iter().any(|source| source.resource.kind == named);
        let known = asked && text.get(18..)? == check(patient, sources);
        known.then_some(Self { source, id })
    }
}

fn check(patient: i64, sources: &[&'static Source]) -> String {
    let owner = patient.to_le_bytes();
    let kinds = sources.iter().map(|source| source.resource.kind.name.as_bytes());
    let parts: Vec<&[u8]> = std::iter::once(&owner[..]).chain(kinds).collect();
    digest::hex(&digest::sha256(&parts)[..4])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_names_a_record_of_the_kinds_that_are_asked_for() {
        let visits: Vec<&'static Source> = SOURCES.iter().take(1).collect();
        let all: Vec<&'static Source> = SOURCES.iter().collect();
        for source in 0..SOURCES.len() {
            let after = After { source, id: 7 };
            let made_up = after.show(1, &visits);
            let right = (source == 0).then_some(after);
            assert_eq!(After::parse(&made_up, 1, &visits), right, "{source}");
            assert_eq!(After::parse(&after.show(1, &all), 1, &all), Some(after));
        }
        assert_eq!(After::parse(&After { source: 9, id: 7 }.show(1, &all), 1, &all), None);
    }
}
