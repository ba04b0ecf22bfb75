//! Which row of a list a waiting link was meant for. Until the link is settled, somebody may
//! have put the rows in another order or others in their place, so a row is known by what it
//! says and not by where it stands.

use serde_json::{Map, Value as Json, json};

/// A row as it was when its link began to wait.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    /// What it says, without the records that it points to.
    row: Map<String, Json>,
    /// How many rows of the list say the same, itself included.
    alike: usize,
}

/// What has become of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Now {
    /// It stands here and its link is empty.
    Open(usize),
    /// It points to a record already.
    Filled,
    /// It is gone or cannot be told from others.
    Gone,
}

/// A field of a row, e.g. `participants.0.practitioner_id`, in its parts.
pub(super) fn parts(field: &str) -> Option<(&str, usize, &str)> {
    let mut parts = field.split('.');
    let (list, index, inner) = (parts.next()?, parts.next()?, parts.next()?);
    Some((list, index.parse().ok()?, inner))
}

impl Said {
    /// What row `index` of `list` says.
    pub(super) fn of(list: &[Json], index: usize) -> Option<Self> {
        let row = words(list.get(index)?)?;
        let alike = list.iter().filter(|other| words(other).as_ref() == Some(&row)).count();
        Some(Self { row, alike })
    }

    /// Where that row is now; `index` is where it stood, `column` the link to fill. Of rows
    /// that say the same, each is the one that stands at its place, as long as none came or
    /// went.
    pub(super) fn find(&self, list: &[Json], index: usize, column: &str) -> Now {
        let says_it = |row: &Json| words(row).as_ref() == Some(&self.row);
        let places: Vec<usize> = (0..list.len()).filter(|at| says_it(&list[*at])).collect();
        let at = match places.as_slice() {
            places if places.len() != self.alike => return Now::Gone,
            [only] => *only,
            places if places.contains(&index) => index,
            _ => return Now::Gone,
        };
        if list[at].get(column).is_none_or(Json::is_null) { Now::Open(at) } else { Now::Filled }
    }

    /// For keeping.
    pub(super) fn to_json(&self) -> Json {
        json!({"row": self.row, "alike": self.alike})
    }

    /// What was kept.
    pub(super) fn from_json(kept: &Json) -> Option<Self> {
        let alike = usize::try_from(kept["alike"].as_u64()?).ok()?;
        Some(Self { row: kept["row"].as_object()?.clone(), alike })
    }
}

/// The row without the records that it points to and without what it leaves empty.
fn words(row: &Json) -> Option<Map<String, Json>> {
    let mut row = row.as_object()?.clone();
    row.retain(|name, value| !name.ends_with("_id") && !value.is_null());
    Some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "practitioner_id";

    fn row(name: &str) -> Json {
        json!({"name": name, "role_text": null, LINK: null})
    }

    #[test]
    fn a_row_is_found_where_it_stands_now() {
        let said = Said::of(&[row("Osei"), row("Mensah")], 0).unwrap();
        let kept = Said::from_json(&said.to_json()).unwrap();
        assert_eq!(kept, said);
        assert_eq!(kept.find(&[row("Mensah"), row("Osei")], 0, LINK), Now::Open(1));
        assert_eq!(kept.find(&[row("Mensah")], 0, LINK), Now::Gone);
        let mut filled = row("Osei");
        filled[LINK] = json!("prc_1");
        assert_eq!(kept.find(&[row("Mensah"), filled], 0, LINK), Now::Filled);
    }

    #[test]
    fn rows_that_cannot_be_told_apart_are_filled_only_while_nothing_has_changed() {
        let list = [row("Osei"), row("Osei")];
        let second = Said::of(&list, 1).unwrap();
        assert_eq!(second.find(&list, 1, LINK), Now::Open(1));
        assert_eq!(second.find(&list[..1], 1, LINK), Now::Gone);
        let moved = [row("Osei"), row("Mensah"), row("Osei")];
        assert_eq!(second.find(&moved, 1, LINK), Now::Gone);
        let only = Said::of(&list[..1], 0).unwrap();
        assert_eq!(only.find(&list, 0, LINK), Now::Gone, "it is ambiguous now");
    }
}
