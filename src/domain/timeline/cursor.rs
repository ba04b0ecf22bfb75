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

    /// Reads a cursor of just this timeline.
    pub(super) fn parse(text: &str, patient: i64, sources: &[&'static Source]) -> Option<Self> {
        let source = text.strip_prefix('t')?.get(..1)?.parse().ok()?;
        let id = i64::from_str_radix(text.get(2..18)?, 16).ok()?;
        let known = source < SOURCES.len() && text.get(18..)? == check(patient, sources);
        known.then_some(Self { source, id })
    }
}

fn check(patient: i64, sources: &[&'static Source]) -> String {
    let owner = patient.to_le_bytes();
    let kinds = sources.iter().map(|source| source.resource.kind.name.as_bytes());
    let parts: Vec<&[u8]> = std::iter::once(&owner[..]).chain(kinds).collect();
    digest::hex(&digest::sha256(&parts)[..4])
}
