//! What a kind of record is, said once: its columns, their types and words, who may see it,
//! what it can bring along. From that come reading, checking, writing and history, so that no
//! room writes these again.
//!
//! [`Resource`] is the declaration; [`form`] checks a JSON body against it, [`write`] puts the
//! body into the store, [`reader`] makes a [`query`] of the parameters of a list, [`cursor`]
//! says where a page starts, under [`seal`], [`select`] runs it, [`render`] makes JSON of rows,
//! [`rules`] are the checks that several rooms share, [`verbs`] are create, amend and "entered
//! in error", [`history`] is what a record was before, `masked` what is left of a row that is
//! not the viewer's to see, [`api`] offers it over HTTP, [`describe`] describes what it offers.
pub mod api;
pub mod cursor;
pub mod describe;
pub mod form;
pub mod history;
pub mod include;
pub mod list;
mod masked;
mod page;
pub mod query;
pub mod reader;
pub mod render;
pub mod rules;
pub mod seal;
pub mod select;
mod shape;
pub mod verbs;
pub mod write;

#[cfg(test)]
mod tests;

use super::ledger::{RecordError, Work};
use crate::vocab::actor::Actor;
use crate::vocab::id::Kind;
use form::Form;

/// The declaration of one kind of record.
#[derive(Debug)]
pub struct Resource {
    /// Name and tag, e.g. `condition` / `con`.
    pub kind: Kind,
    /// The plural in addresses, e.g. `conditions`.
    pub path: &'static str,
    /// The table that holds it.
    pub table: &'static str,
    /// Permission to read it.
    pub read: &'static str,
    /// Permission to change it.
    pub write: &'static str,
    /// Whose record it is, for the audit.
    pub subject: Subject,
    /// The order of a list when none is asked for.
    pub sort: Sort,
    /// All columns but `id`, `version`, `created_at` and `updated_at`, which every kind has.
    pub columns: &'static [Column],
    /// Lists that belong to a record and are replaced whole.
    pub children: &'static [Child],
    /// Records that this one points to and may bring along.
    pub parents: &'static [Parent],
    /// The rules of its room, run inside the transaction before a form is written. It may set
    /// columns that callers cannot send.
    pub prepare: Prepare,
}

/// Rules over a whole form; see [`Resource::prepare`].
pub type Prepare = fn(&Work<'_>, &mut Form, Occasion) -> Result<(), RecordError>;

/// What a form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// The record with this new identity will be made.
    Create(i64),
    /// The record with this identity will be replaced.
    Amend(i64),
}

/// How a record belongs to a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// It is the patient.
    Patient,
    /// Its column `patient_id` names the patient.
    OfPatient,
    /// It belongs to no patient.
    House,
}

/// The order of a list. Ties are broken by `id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// A sortable column, or `id`.
    pub column: &'static str,
    /// Largest first.
    pub descending: bool,
}

/// One column: its name is the same in the table, the API and the UI.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The name.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// A body without it is refused.
    pub required: bool,
    /// Callers may send it.
    pub writable: bool,
    /// Whether lists may be narrowed to one of its values.
    pub filter: Served,
    /// Whether lists may be ordered by it.
    pub sort: Served,
    /// Never shown.
    pub hidden: bool,
    /// The permission without which it is neither shown nor accepted, beside that of the
    /// resource.
    pub needs: Option<&'static str>,
    /// Says who a patient is, and is shown of one whose record is out of reach.
    pub identifies: bool,
}

/// Whether an index serves a filter or an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// No: it is not offered.
    No,
    /// In every list.
    Always,
    /// In lists that are narrowed to one value of this column, e.g. `patient_id`.
    Within(&'static str),
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// The identity of a record of this kind.
    Id(Kind),
    /// Text of at most so many characters.
    Text(usize),
    /// A list of short texts, such as given names; see [`list`].
    List,
    /// JSON that the server wrote.
    Json,
    /// One of these words.
    Words(&'static [&'static str]),
    /// An instant, microseconds since 1970 UTC.
    Time,
    /// A clinical time as written; a column `x_recorded` sets `x_at`.
    Recorded,
    /// A date that may lack its day or month.
    Date,
    /// A whole number within these bounds.
    Int(i64, i64),
    /// 0 or 1.
    Bool,
    /// The digits of a decimal number.
    Decimal,
}

/// A list that belongs to a record: `names` of a patient.
#[derive(Debug)]
pub struct Child {
    /// The name in JSON and in `include`.
    pub name: &'static str,
    /// Its table, with the columns `owner` and `position`.
    pub table: &'static str,
    /// The column that names the record it belongs to.
    pub owner: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// The most rows that one record may have.
    pub most: usize,
    /// Its only column stands for the row: `["a", "b"]` instead of `[{"x": "a"}, {"x": "b"}]`.
    pub plain: bool,
}

/// A record that another one points to.
#[derive(Debug)]
pub struct Parent {
    /// The name in JSON and in `include`.
    pub name: &'static str,
    /// The column that points to it.
    pub column: &'static str,
    /// What it points to.
    pub resource: &'static Resource,
}

/// Records of another kind that point to this one: `encounters` of a patient. The newest
/// [`RELATED_MOST`] of them may be brought along; all of them are in their own list.
#[derive(Debug)]
pub struct Related {
    /// The name in JSON and in `include`.
    pub name: &'static str,
    /// Their column that points here. An index has it first, and then their own order.
    pub column: &'static str,
    /// What they are.
    pub resource: &'static Resource,
}

/// The most related records of one list that one record brings along.
pub const RELATED_MOST: usize = 20;
/// Characters of a text that has no bound of its own.
pub const TEXT_MAX: usize = 400;

impl Column {
    const fn new(name: &'static str, holds: Holds) -> Self {
        let (filter, sort) = (Served::No, Served::No);
        let (required, writable, hidden, needs, identifies) = (false, true, false, None, false);
        Self { name, holds, required, writable, filter, sort, hidden, needs, identifies }
    }

    /// Text of at most [`TEXT_MAX`] characters.
    #[must_use]
    pub const fn text(name: &'static str) -> Self {
        Self::new(name, Holds::Text(TEXT_MAX))
    }

    /// Text of at most `most` characters.
    #[must_use]
    pub const fn long_text(name: &'static str, most: usize) -> Self {
        Self::new(name, Holds::Text(most))
    }

    /// JSON that the server writes.
    #[must_use]
    pub const fn json(name: &'static str) -> Self {
        Self::new(name, Holds::Json).read_only()
    }

    /// A list of short texts.
    #[must_use]
    pub const fn list(name: &'static str) -> Self {
        Self::new(name, Holds::List)
    }

    /// One of the `words`.
    #[must_use]
    pub const fn words(name: &'static str, words: &'static [&'static str]) -> Self {
        Self::new(name, Holds::Words(words))
    }

    /// The identity of a record of `kind`.
    #[must_use]
    pub const fn id(name: &'static str, kind: Kind) -> Self {
        Self::new(name, Holds::Id(kind))
    }

    /// A date that may lack its day or month.
    #[must_use]
    pub const fn date(name: &'static str) -> Self {
        Self::new(name, Holds::Date)
    }

    /// An instant that the server sets.
    #[must_use]
    pub const fn time(name: &'static str) -> Self {
        Self::new(name, Holds::Time).read_only()
    }

    /// A clinical time as written, which sets the column of the same name ending in `_at`.
    #[must_use]
    pub const fn recorded(name: &'static str) -> Self {
        Self::new(name, Holds::Recorded)
    }

    /// A whole number within `low..=high`.
    #[must_use]
    pub const fn int(name: &'static str, low: i64, high: i64) -> Self {
        Self::new(name, Holds::Int(low, high))
    }

    /// Yes or no.
    #[must_use]
    pub const fn bool(name: &'static str) -> Self {
        Self::new(name, Holds::Bool)
    }

    /// The digits of a decimal number.
    #[must_use]
    pub const fn decimal(name: &'static str) -> Self {
        Self::new(name, Holds::Decimal)
    }

    /// A body without it is refused.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Callers cannot send it.
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.writable = false;
        self
    }

    /// Lists may be narrowed to one of its values.
    #[must_use]
    pub const fn filter(mut self) -> Self {
        self.filter = Served::Always;
        self
    }

    /// Lists that are narrowed to one value of `column` may be narrowed to one of its values.
    #[must_use]
    pub const fn filter_within(mut self, column: &'static str) -> Self {
        self.filter = Served::Within(column);
        self
    }

    /// Lists may be ordered by it.
    #[must_use]
    pub const fn sort(mut self) -> Self {
        self.sort = Served::Always;
        self
    }

    /// Lists that are narrowed to one value of `column` may be ordered by it.
    #[must_use]
    pub const fn sort_within(mut self, column: &'static str) -> Self {
        self.sort = Served::Within(column);
        self
    }

    /// Neither shown to nor accepted from those who lack `permission`.
    #[must_use]
    pub const fn needs(mut self, permission: &'static str) -> Self {
        self.needs = Some(permission);
        self
    }

    /// Shown also of a patient whose record is out of reach: who somebody is.
    #[must_use]
    pub const fn identifies(mut self) -> Self {
        self.identifies = true;
        self
    }

    /// Never shown nor accepted.
    #[must_use]
    pub const fn hidden(mut self) -> Self {
        self.hidden = true;
        self.writable = false;
        self
    }

    /// Whether `actor`, who may read the resource, may see this column of it.
    #[must_use]
    pub fn shown_to(&self, actor: &Actor) -> bool {
        !self.hidden && self.needs.is_none_or(|permission| actor.may(permission))
    }
}

/// Columns that every resource has beside its own.
pub(crate) static VERSIONED: [Column; 3] = [
    Column::int("version", 1, i64::MAX).read_only(),
    Column::time("created_at"),
    Column::time("updated_at"),
];

impl Resource {
    /// All columns but `id`, in the order of the JSON.
    pub fn all_columns(&self) -> impl Iterator<Item = &'static Column> + use<> {
        self.columns.iter().chain(VERSIONED.iter())
    }

    /// The column called `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.all_columns().find(|column| column.name == name)
    }

    /// The column called `name`, if `actor` may see it.
    #[must_use]
    pub fn column_for(&self, actor: &Actor, name: &str) -> Option<&'static Column> {
        self.column(name).filter(|column| column.shown_to(actor))
    }

    /// The permission without which nobody is told that `event` happened to a record. An event
    /// that a column dates (`allergies_reviewed`, `allergies_reviewed_at`) is told to those who
    /// may see the column, any other to those who may read the record.
    #[must_use]
    pub fn permission_for_event(&self, event: &str) -> &'static str {
        let dates = |column: &&Column| column.name.strip_suffix("_at") == Some(event);
        self.columns.iter().find(dates).and_then(|column| column.needs).unwrap_or(self.read)
    }

    /// The identity in `text`, if it is one of this kind.
    #[must_use]
    pub fn parse_id(&self, text: &str) -> Option<i64> {
        self.kind.parse(text)
    }

    /// The address of one record.
    #[must_use]
    pub fn location(&self, id: i64) -> String {
        format!("/api/v1/{}/{}", self.path, self.kind.show(id))
    }
}
