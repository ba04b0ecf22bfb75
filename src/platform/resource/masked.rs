//! Rows of those whose record is out of reach: a record of theirs is left out of a list, and of
//! the patient it is told who they are, so that somebody who needs them now can find them.

use std::collections::HashMap;

use super::include::{IN_LIST, id_list};
use super::select::{Draft, select_list};
use super::{Column, Resource, Subject, render};
use crate::platform::ledger::{Sight, Standing};
use crate::store::StoreError;

/// Takes out of `drafts` what `sight` does not show, and leaves of a patient out of reach what
/// says who they are; also of one who is hidden, if `told`.
///
/// # Errors
/// What the store says.
pub(super) fn sift(
    sight: &Sight<'_>,
    resource: &Resource,
    drafts: &mut Vec<Draft>,
    told: impl Fn(i64) -> bool,
) -> Result<(), StoreError> {
    if resource.subject == Subject::House || drafts.is_empty() {
        return Ok(());
    }
    sight.ask(drafts.iter().filter_map(|draft| draft.patient))?;
    let standing = |draft: &Draft| draft.patient.map_or(Standing::Hidden, |id| sight.standing(id));
    if drafts.iter().all(|draft| standing(draft).is_open()) {
        return Ok(());
    }
    if resource.subject == Subject::OfPatient {
        drafts.retain(|draft| standing(draft).is_open());
        return Ok(());
    }
    drafts.retain_mut(|draft| match standing(draft) {
        Standing::Open | Standing::Emergency(_) => true,
        Standing::Named => {
            draft.named = true;
            true
        }
        Standing::Hidden => {
            draft.named = true;
            told(draft.id)
        }
    });
    name(sight, resource, drafts)
}

/// Puts in place of the record what says who the patient is.
fn name(sight: &Sight<'_>, resource: &Resource, drafts: &mut [Draft]) -> Result<(), StoreError> {
    let columns: Vec<&Column> = resource.all_columns().filter(|it| it.identifies).collect();
    let ids: Vec<i64> = drafts.iter().filter(|it| it.named).map(|it| it.id).collect();
    let mut sql = select_list(&columns, &[]);
    sql.push_str(&format!(" FROM {} WHERE id {IN_LIST}", resource.table));
    let mut found: HashMap<i64, Vec<u8>> = HashMap::new();
    sight.each(&sql, &[id_list(&ids)], |row| {
        let mut json = Vec::with_capacity(256);
        let id = render::open_object(&mut json, resource.kind, &columns, row)?;
        json.extend_from_slice(b",\"restricted\":true}");
        found.insert(id, json);
        Ok(())
    })?;
    for draft in drafts.iter_mut().filter(|draft| draft.named) {
        draft.json = found.remove(&draft.id).unwrap_or_else(|| b"{}".to_vec());
    }
    Ok(())
}

/// Takes those out of `drafts` of whom only who they are is shown: where they stood, and they.
pub(super) fn set_aside(drafts: &mut Vec<Draft>) -> (Vec<usize>, Vec<Draft>) {
    let places: Vec<usize> = (0..drafts.len()).filter(|at| drafts[*at].named).collect();
    if places.is_empty() {
        return (places, Vec::new());
    }
    let all = std::mem::take(drafts);
    let (named, whole) = all.into_iter().partition(|draft| draft.named);
    *drafts = whole;
    (places, named)
}
