//! The chain of audit rows: each row carries a hash over itself and the hash of the row before
//! it, so that a row that was changed, removed or put in between shows.
//!
//! Rows cut off at the end, and a chain that was made anew from some row on, do not show by the
//! chain alone: see [`super::anchors`].

use crate::vocab::digest::sha256;

/// The rule by which hashes are made now.
pub(super) const FORM: i64 = 2;

/// What the hash of a row is made over, beside the hash of the row before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link<'a> {
    pub(super) id: i64,
    pub(super) form: i64,
    pub(super) at: i64,
    pub(super) last_at: Option<i64>,
    pub(super) count: i64,
    pub(super) actor_id: Option<i64>,
    pub(super) actor_name: &'a str,
    pub(super) role: Option<&'a str>,
    pub(super) address: Option<&'a str>,
    pub(super) act: &'a str,
    pub(super) outcome: &'a str,
    pub(super) subject_kind: &'a str,
    pub(super) subject_id: Option<i64>,
    pub(super) patient_id: Option<i64>,
    pub(super) reason: Option<&'a str>,
    pub(super) request_id: Option<&'a str>,
    pub(super) detail: Option<&'a str>,
}

impl Link<'_> {
    /// SHA-256 over the row before it and every column of its own, by the rule of its form.
    pub(super) fn hash(&self, before: &[u8]) -> [u8; 32] {
        if self.form == 1 { self.hash_of_form_1(before) } else { self.hash_of_form_2(before) }
    }

    /// The rule of rows from before migration 7.
    fn hash_of_form_1(&self, before: &[u8]) -> [u8; 32] {
        let number =
            |value: Option<i64>| value.map_or_else(Vec::new, |it| it.to_le_bytes().to_vec());
        sha256(&[
            before,
            &self.id.to_le_bytes(),
            &self.at.to_le_bytes(),
            &number(self.actor_id),
            self.actor_name.as_bytes(),
            self.act.as_bytes(),
            self.outcome.as_bytes(),
            self.subject_kind.as_bytes(),
            &number(self.subject_id),
            &number(self.patient_id),
            self.request_id.unwrap_or_default().as_bytes(),
            self.detail.unwrap_or_default().as_bytes(),
        ])
    }

    /// Every column, and whether those are there that may be absent.
    fn hash_of_form_2(&self, before: &[u8]) -> [u8; 32] {
        let numbers = [self.last_at, self.actor_id, self.subject_id, self.patient_id];
        let numbers = numbers.map(|number| number.map(i64::to_le_bytes));
        let [last_at, actor_id, subject_id, patient_id] =
            numbers.each_ref().map(|bytes| bytes.as_ref().map_or(&[][..], |bytes| &bytes[..]));
        let texts = [self.role, self.address, self.reason, self.request_id, self.detail];
        let there = texts.map(|text| u8::from(text.is_some()));
        let [role, address, reason, request_id, detail] =
            texts.map(|text| text.unwrap_or_default().as_bytes());
        sha256(&[
            before,
            &self.form.to_le_bytes(),
            &self.id.to_le_bytes(),
            &self.at.to_le_bytes(),
            last_at,
            &self.count.to_le_bytes(),
            actor_id,
            self.actor_name.as_bytes(),
            self.act.as_bytes(),
            self.outcome.as_bytes(),
            self.subject_kind.as_bytes(),
            subject_id,
            patient_id,
            &there,
            role,
            address,
            reason,
            request_id,
            detail,
        ])
    }

    /// Whether a row of the first form says something that its hash does not cover.
    fn says_too_much(&self) -> bool {
        let added = [self.role, self.address, self.reason];
        let added = added.iter().any(Option::is_some) || self.last_at.is_some() || self.count != 1;
        self.form == 1 && added
    }

    /// Whether this row, with the hash `own`, stands right after a row of the form `form_before`
    /// with the hash `before`. Once rows have the second form, none has the first any more.
    pub(super) fn fits(&self, (before, form_before): (&[u8], i64), own: &[u8]) -> bool {
        form_before <= self.form && !self.says_too_much() && self.hash(before)[..] == *own
    }
}

pub use super::custody::verify::{Verdict, verify};
