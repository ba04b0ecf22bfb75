//! Cursors: a place in a list, sealed, so that no patient data can be read from an address and
//! nobody can make one up. A cursor holds the sort value at the edge of its page, so it stays
//! where it was when its row changes or goes, and it fits one list of one user only.

use super::query::{Filter, ListQuery};
use super::seal::Seal;
use super::{Resource, Sort};
use crate::store::Value;
use crate::vocab::actor::Actor;
use crate::vocab::digest;

/// A place in a list and the way to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor {
    /// The row at the edge of the page.
    pub id: i64,
    /// What that row had in the column that the list is sorted by, when the page was made.
    pub value: Value,
    /// Towards the beginning of the list.
    pub backwards: bool,
}

/// The most bytes of text that a column which lists are sorted by may hold.
pub const VALUE_MAX: usize = 1_600;

/// What a cursor is good for. Each part is a digest, so that a cursor stays short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    list: [u8; PART],
    viewer: [u8; PART],
    order: [u8; PART],
    filters: [u8; PART],
}

/// Why a cursor does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// It is no cursor of this hospital.
    Unreadable,
    /// It came from another list.
    List,
    /// It was given to somebody else.
    Viewer,
    /// It came from another order.
    Order,
    /// It came from other filters.
    Filters,
}

impl Misfit {
    /// What to do about it.
    #[must_use]
    pub fn mend(self) -> &'static str {
        match self {
            Self::Unreadable => "This is not a cursor that this server gave. Start without it.",
            Self::List => "This cursor is from another list. Start this one without it.",
            Self::Viewer => "This cursor was given to somebody else. Start without it.",
            Self::Order => {
                "This cursor is from the list in another order. Send the sort that it came with, \
                 or start without it."
            }
            Self::Filters => {
                "This cursor is from the list with other filters. Send those that it came with, \
                 or start without it."
            }
        }
    }
}

const PART: usize = 8;
/// The form of what is sealed; another one is not opened.
const FORM: u8 = 1;
const BACKWARDS: usize = 1 + 4 * PART;
const ID: usize = BACKWARDS + 1;
const VALUE: usize = ID + 8;

impl Scope {
    /// The scope of the list called `list` as `viewer` sees it, in `order`, with `filters`.
    #[must_use]
    pub fn new(list: &str, viewer: &Actor, order: &str, filters: &[(&str, &str)]) -> Self {
        let user = viewer.user_id().unwrap_or(0).to_le_bytes();
        let machine = if viewer.user_id().is_none() { viewer.name() } else { "" };
        let filters: Vec<&[u8]> =
            filters.iter().flat_map(|(name, text)| [name.as_bytes(), text.as_bytes()]).collect();
        Self {
            list: part(&[list.as_bytes()]),
            viewer: part(&[&user, machine.as_bytes()]),
            order: part(&[order.as_bytes()]),
            filters: part(&filters),
        }
    }

    /// The scope of the common list of `resource`.
    #[must_use]
    pub fn of(resource: &Resource, viewer: &Actor, sort: Sort, filters: &[Filter]) -> Self {
        let way = if sort.descending { "-" } else { "" };
        let filters: Vec<(&str, &str)> =
            filters.iter().map(|filter| (filter.column, filter.shown.as_str())).collect();
        Self::new(resource.path, viewer, &format!("{way}{}", sort.column), &filters)
    }

    fn parts(&self) -> [(&[u8; PART], Misfit); 4] {
        [
            (&self.list, Misfit::List),
            (&self.viewer, Misfit::Viewer),
            (&self.order, Misfit::Order),
            (&self.filters, Misfit::Filters),
        ]
    }
}

impl Cursor {
    /// The sealed form for the list that `query` asks for.
    #[must_use]
    pub fn show(&self, query: &ListQuery) -> String {
        self.seal(&query.seal, &query.scope())
    }

    /// The sealed form within `scope`.
    #[must_use]
    pub fn seal(&self, seal: &Seal, scope: &Scope) -> String {
        let mut plain = vec![FORM];
        for (part, _) in scope.parts() {
            plain.extend_from_slice(part);
        }
        plain.push(u8::from(self.backwards));
        plain.extend_from_slice(&self.id.to_le_bytes());
        match &self.value {
            Value::Int(number) => {
                plain.push(b'i');
                plain.extend_from_slice(&number.to_le_bytes());
            }
            Value::Text(text) => {
                plain.push(b't');
                plain.extend_from_slice(text.as_bytes());
            }
            _ => plain.push(b'n'),
        }
        seal.close(&plain)
    }

    /// Reads a cursor that fits `scope`.
    ///
    /// # Errors
    /// What does not fit.
    pub fn open(text: &str, seal: &Seal, scope: &Scope) -> Result<Self, Misfit> {
        let plain = seal.open(text).filter(|plain| plain.first() == Some(&FORM));
        let plain = plain.ok_or(Misfit::Unreadable)?;
        for (place, (own, misfit)) in scope.parts().into_iter().enumerate() {
            let start = 1 + place * PART;
            if plain.get(start..start + PART) != Some(own) {
                return Err(misfit);
            }
        }
        read(&plain).ok_or(Misfit::Unreadable)
    }
}

fn read(plain: &[u8]) -> Option<Cursor> {
    let number = |bytes: &[u8]| Some(i64::from_le_bytes(bytes.try_into().ok()?));
    let (tag, rest) = plain.get(VALUE..)?.split_first()?;
    let value = match tag {
        b'i' => Value::Int(number(rest)?),
        b't' => Value::Text(std::str::from_utf8(rest).ok()?.to_owned()),
        _ => Value::Null,
    };
    let id = number(plain.get(ID..VALUE)?)?;
    Some(Cursor { id, value, backwards: *plain.get(BACKWARDS)? == 1 })
}

fn part(parts: &[&[u8]]) -> [u8; PART] {
    let whole = digest::sha256(parts);
    std::array::from_fn(|place| whole[place])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::resource::seal::SEALED_MAX;
    use proptest::prelude::*;

    fn viewer(id: i64) -> Actor {
        Actor::user(id, "somebody", "nurse", None, None, Vec::new())
    }

    fn scope() -> Scope {
        Scope::new("patients", &viewer(1), "-mrn", &[("birth_date", "1980")])
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_went(
            id in any::<i64>(),
            backwards in any::<bool>(),
            value in prop_oneof![
                Just(Value::Null),
                any::<i64>().prop_map(Value::Int),
                ".{0,60}".prop_map(Value::Text),
            ],
        ) {
            let seal = Seal::new([3; 32]);
            let cursor = Cursor { id, value, backwards };
            let text = cursor.seal(&seal, &scope());
            prop_assert_eq!(Cursor::open(&text, &seal, &scope()), Ok(cursor));
        }
    }

    #[test]
    fn a_cursor_says_what_does_not_fit() {
        let seal = Seal::new([3; 32]);
        let cursor = Cursor { id: 1, value: Value::Text("Moreau".into()), backwards: false };
        let text = cursor.seal(&seal, &scope());
        let born = [("birth_date", "1980")];
        for (other, misfit) in [
            (Scope::new("users", &viewer(1), "-mrn", &born), Misfit::List),
            (Scope::new("patients", &viewer(2), "-mrn", &born), Misfit::Viewer),
            (Scope::new("patients", &viewer(1), "mrn", &born), Misfit::Order),
            (Scope::new("patients", &viewer(1), "-mrn", &[]), Misfit::Filters),
            (
                Scope::new("patients", &viewer(1), "-mrn", &[("birth_date", "1981")]),
                Misfit::Filters,
            ),
        ] {
            assert_eq!(Cursor::open(&text, &seal, &other), Err(misfit));
            assert!(misfit.mend().contains("tart"), "{misfit:?}");
        }
        let other_hospital = Seal::new([4; 32]);
        assert_eq!(Cursor::open(&text, &other_hospital, &scope()), Err(Misfit::Unreadable));
        assert_eq!(Cursor::open("", &seal, &scope()), Err(Misfit::Unreadable));
    }

    #[test]
    fn the_longest_cursor_is_short_enough_and_shows_nothing() {
        let seal = Seal::new([3; 32]);
        let value = Value::Text("Moreau, ".repeat(VALUE_MAX / 8));
        let text = Cursor { id: i64::MAX, value, backwards: true }.seal(&seal, &scope());
        assert!(text.len() < SEALED_MAX, "{}", text.len());
        assert!(!text.contains("Moreau"));
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    }
}
