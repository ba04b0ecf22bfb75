//! A checked question for a list or for one record, as [`super::reader`] makes it.

use super::cursor::{Cursor, Scope};
use super::seal::Seal;
use super::{Child, Column, Parent, Related, Resource, Sort, Subject};
use crate::store::Value;
use crate::vocab::actor::Actor;

/// Rows on a page when no `limit` is given.
pub const LIMIT_DEFAULT: usize = 50;
/// The most rows on a page.
pub const LIMIT_MAX: usize = 200;
/// The most records on a page, added up over the related lists that it brings along: with one
/// such list 200, with four of them 50.
pub const RELATED_RECORDS_MAX: usize = 200;

/// A checked list request.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// What is listed.
    pub resource: &'static Resource,
    /// Where the page starts; the beginning if absent.
    pub cursor: Option<Cursor>,
    /// Rows on the page, 1 to [`LIMIT_MAX`].
    pub limit: usize,
    /// The columns shown, besides `id`.
    pub columns: Vec<&'static Column>,
    /// Child lists brought along.
    pub children: Vec<&'static Child>,
    /// Parents brought along.
    pub parents: Vec<&'static Parent>,
    /// Related lists brought along.
    pub related: Vec<&'static Related>,
    /// The order.
    pub sort: Sort,
    /// What the list is narrowed to, by name.
    pub filters: Vec<Filter>,
    /// Who looks; columns that they may not see are left out.
    pub viewer: Actor,
    /// What seals the cursors of the page.
    pub seal: Seal,
}

/// A column that must have a value.
#[derive(Debug, Clone)]
pub struct Filter {
    /// The column's name.
    pub column: &'static str,
    /// Its value in the store.
    pub value: Value,
    /// Its value as the caller wrote it.
    pub shown: String,
}

impl ListQuery {
    /// The list of `resource` with nothing asked for, as `viewer` may see it.
    #[must_use]
    pub fn plain(resource: &'static Resource, viewer: &Actor, seal: &Seal) -> Self {
        Self {
            resource,
            cursor: None,
            limit: LIMIT_DEFAULT,
            columns: resource.all_columns().filter(|column| column.shown_to(viewer)).collect(),
            children: Vec::new(),
            parents: Vec::new(),
            related: Vec::new(),
            sort: resource.sort,
            filters: Vec::new(),
            viewer: viewer.clone(),
            seal: seal.clone(),
        }
    }

    /// Whether the list is narrowed to one value of `column`.
    #[must_use]
    pub fn narrowed_to(&self, column: &str) -> bool {
        self.filters.iter().any(|filter| filter.column == column)
    }

    /// What a cursor of this list is good for.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::of(self.resource, &self.viewer, self.sort, &self.filters)
    }

    /// The permissions that reading what is brought along needs.
    pub fn permissions(&self) -> impl Iterator<Item = &'static str> {
        let parents = self.parents.iter().map(|parent| parent.resource.read);
        parents.chain(self.related.iter().map(|related| related.resource.read))
    }

    /// The names of all that is brought along, for the audit.
    #[must_use]
    pub fn included(&self) -> Vec<&'static str> {
        let children = self.children.iter().map(|child| child.name);
        let parents = self.parents.iter().map(|parent| parent.name);
        children.chain(parents).chain(self.related.iter().map(|related| related.name)).collect()
    }

    /// Whether a page of several patients opens their records, and does not only say who they are
    /// and when they come: so that each of them is told of it.
    #[must_use]
    pub fn opens_records(&self) -> bool {
        let is_clinical = |column: &Column| column.needs.is_some();
        match self.resource.subject {
            Subject::House => false,
            Subject::Patient => !self.related.is_empty(),
            Subject::OfPatient => {
                !self.resource.columns.iter().any(is_clinical)
                    || self.columns.iter().any(|column| is_clinical(column))
            }
        }
    }

    /// Whether a page may change though its records do not.
    #[must_use]
    pub fn brings_others(&self) -> bool {
        !(self.parents.is_empty() && self.related.is_empty())
    }
}
