//! Where a mapped resource belongs: it is known and unchanged, known and changed, somebody who
//! is known by an identifier, or new.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use super::claims::{self, Scope};
use super::compare::{all_has, says_the_same};
use super::job::{Halt, Turn};
use super::links::{self, Known, resource_of};
use super::waiting::OpenLink;
use crate::interop::fhir::{Kind, Link, Mapped, Reference};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::verbs::{self, ENTERED_IN_ERROR};
use crate::platform::resource::{Holds, Resource, Subject, render, select};
use crate::store::{StoreError, Value};
use crate::vocab::digest::sha256;

/// What became of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Placed {
    /// It is a new record.
    Stored,
    /// A known record was changed.
    Updated,
    /// Nothing was to do.
    Unchanged,
    /// It belongs to something that has not come yet.
    Waits,
    /// It cannot be taken, and why.
    Rejected(String),
}

/// A body, and those of its links that stay open.
type Resolved = (Map<String, Json>, Vec<Link>);

/// One transaction's view of the run.
pub(super) struct Bench<'a> {
    pub(super) work: &'a Work<'a>,
    pub(super) scope: Scope<'a>,
    known: &'a Known,
    /// Links made in this transaction; they become known when it is committed.
    fresh: RefCell<HashMap<(Kind, String), i64>>,
    /// Links of stored records to things that have not come yet.
    waiting: RefCell<Vec<OpenLink>>,
    /// Identifiers that were left out because another record has them.
    pub(super) identifiers_taken: Cell<u64>,
    /// Whether this is the last time: what is still missing stays missing.
    pub(super) last: bool,
}

impl<'a> Bench<'a> {
    /// A bench for one transaction.
    #[must_use]
    pub(super) fn new(work: &'a Work<'a>, scope: Scope<'a>, known: &'a Known) -> Self {
        let (fresh, waiting) = <(RefCell<_>, RefCell<_>)>::default();
        let last = scope.turn == Turn::Last;
        Self { work, scope, known, fresh, waiting, identifiers_taken: Cell::new(0), last }
    }

    /// The links made, to be known after the commit.
    #[must_use]
    pub(super) fn fresh(&self) -> Vec<(Kind, String, i64)> {
        self.fresh.take().into_iter().map(|((kind, id), record)| (kind, id, record)).collect()
    }

    /// The links that wait.
    #[must_use]
    pub(super) fn waiting(&self) -> Vec<OpenLink> {
        self.waiting.take()
    }

    /// Places one resource. A refusal that comes before anything of it is written is
    /// [`Placed::Rejected`]; after that only undoing the transaction helps.
    ///
    /// # Errors
    /// What the store says; a refusal of a resource that is half written.
    pub(super) fn place(&self, mapped: &Mapped) -> Result<Placed, Halt> {
        let before = self.changes()?;
        let outcome = match (mapped.kind, resource_of(mapped.kind)) {
            (_, Some(resource)) => self.record(mapped, resource),
            (Kind::PractitionerRole, None) => self.role(mapped),
            (Kind::CareTeam, None) => self.care_team(mapped),
            (_, None) => self.medication(mapped),
        };
        match outcome {
            Ok(placed) => Ok(placed),
            Err(RecordError::Store(cause)) => Err(Halt::Store(cause)),
            Err(refusal) => {
                let reason = match refusal {
                    RecordError::Invalid(fields) => {
                        let told = fields.iter().map(|it| format!("{}: {}", it.field, it.message));
                        told.collect::<Vec<_>>().join(" ")
                    }
                    other => other.to_string(),
                };
                let written = self.changes()? != before;
                if written { Err(Halt::Refused(reason)) } else { Ok(Placed::Rejected(reason)) }
            }
        }
    }

    /// Rows that this connection has written since it was opened.
    fn changes(&self) -> Result<i64, StoreError> {
        self.work.tx().one("SELECT total_changes()", &[], |row| row.get(0))
    }

    fn lookup(&self, kind: Kind, id: &str) -> Option<i64> {
        let own = self.fresh.borrow().get(&(kind, id.to_owned())).copied();
        own.or_else(|| self.known.get(kind, id))
    }

    pub(super) fn resolve(&self, link: &Link) -> Result<Option<(Kind, i64)>, StoreError> {
        let known = |kind: Kind, id: &str| self.lookup(kind, id);
        links::resolve(self.work.tx(), self.scope, &known, link)
    }

    /// A resource that is a record of its own.
    fn record(&self, mapped: &Mapped, resource: &'static Resource) -> Result<Placed, RecordError> {
        let digest = fingerprint(mapped);
        let tx = self.work.tx();
        let known = links::find(tx, self.scope.source, mapped.kind, &mapped.source_id)?;
        if let Some((id, before)) = &known
            && *before == digest
        {
            self.relink(mapped, *id, &digest)?;
            return Ok(Placed::Unchanged);
        }
        let (body, open) = match self.resolved(mapped)? {
            Ok(resolved) => resolved,
            Err(placed) => return Ok(placed),
        };
        let known = known.map(|(id, _)| id);
        // Under its own id a place may have moved and been renamed at once.
        if let (Some(id), Kind::Patient | Kind::Practitioner) = (known, mapped.kind)
            && let Some(reason) = self.contradiction(mapped, id)?
        {
            return Ok(Placed::Rejected(reason.to_owned()));
        }
        let (record, placed) = self.write((mapped, known), resource, body)?;
        self.link(mapped, record, &digest)?;
        for link in open {
            let said = links::said(tx, resource, record, &link.field)?;
            self.waiting.borrow_mut().push(OpenLink { resource, record, link, said });
        }
        Ok(placed)
    }

    /// The body of `mapped` with what its links mean, and the links that stay open; or what
    /// becomes of a resource that cannot do without what is missing.
    fn resolved(&self, mapped: &Mapped) -> Result<Result<Resolved, Placed>, StoreError> {
        let mut body = mapped.body.clone();
        let mut open = Vec::new();
        for link in &mapped.refs {
            if link.field == MEDICATION {
                match links::medication(self.work.tx(), self.scope.source, link)? {
                    Some(coded) => body.extend(coded),
                    None if !self.last => return Ok(Err(Placed::Waits)),
                    None if body.contains_key("code_text") => {}
                    None => return Ok(Err(Placed::Rejected(NO_MEDICATION.to_owned()))),
                }
                continue;
            }
            match self.resolve(link)? {
                Some((kind, id)) => {
                    let shown = links::shown(kind, id).unwrap_or_default();
                    links::put(&mut body, &link.field, shown);
                }
                None if link.to == Reference::Display => {}
                None if link.field == "patient_id" && self.last => {
                    let reason = format!(
                        "{}: the patient it belongs to is not in this import nor in the hospital",
                        link.field
                    );
                    return Ok(Err(Placed::Rejected(reason)));
                }
                None if link.field == "patient_id" => return Ok(Err(Placed::Waits)),
                // A row that only its link can name cannot be stored without it.
                None if links::is_nameless_row(&body, &link.field) => {
                    if !self.last {
                        return Ok(Err(Placed::Waits));
                    }
                    links::name_row(&mut body, &link.field, NOT_NAMED);
                }
                None => open.push(link.clone()),
            }
        }
        Ok(Ok((body, open)))
    }

    /// Writes `body` into the record that `mapped` is: the `known` one, somebody known by an
    /// identifier, or a new one.
    fn write(
        &self,
        (mapped, known): (&Mapped, Option<i64>),
        resource: &'static Resource,
        mut body: Map<String, Json>,
    ) -> Result<(i64, Placed), RecordError> {
        if let Some(id) = known {
            self.leave_taken_identifiers(mapped, Some(id), &mut body)?;
            let changed = self.amend(resource, id, &body)?;
            return Ok((id, if changed { Placed::Updated } else { Placed::Unchanged }));
        }
        // A number that somebody else has here is a slip on one of the two sides: both are
        // kept, and the number stays with whoever had it first.
        let somebody = self.somebody(mapped)?;
        self.leave_taken_identifiers(mapped, somebody, &mut body)?;
        if let Some(id) = somebody {
            self.merge(resource, id, body)?;
            return Ok((id, Placed::Updated));
        }
        Ok((self.create(resource, body)?, Placed::Stored))
    }

    fn create(
        &self,
        resource: &'static Resource,
        mut body: Map<String, Json>,
    ) -> Result<i64, RecordError> {
        let wrong = take_error_status(&mut body);
        // A time that the source does not tell is unknown, not that of the import.
        for column in resource.columns.iter().filter(|it| it.holds == Holds::Recorded) {
            body.entry(column.name).or_insert(Json::Null);
        }
        let id = verbs::create(self.work, resource, &body)?;
        if wrong {
            verbs::mark_entered_in_error(self.work, resource, (id, None), AT_SOURCE)?;
        }
        Ok(id)
    }

    /// Makes the record say what its source says now. `false` if it does already: the text of
    /// the resource has changed, but not what it means here.
    fn amend(
        &self,
        resource: &'static Resource,
        id: i64,
        body: &Map<String, Json>,
    ) -> Result<bool, RecordError> {
        let mut body = body.clone();
        if take_error_status(&mut body) {
            return match verbs::mark_entered_in_error(self.work, resource, (id, None), AT_SOURCE) {
                Err(RecordError::EnteredInError(_)) => Ok(false),
                Ok(_) => Ok(true),
                Err(cause) => Err(cause),
            };
        }
        if resource.subject == Subject::OfPatient {
            // What the source has taken out, such as the end of a problem, goes here too. Ids
            // stay: what they point to may only be missing from these files. So does what the
            // rooms set themselves where a source says nothing.
            for column in resource.columns {
                let is_value = column.writable
                    && !matches!(column.holds, Holds::Id(_) | Holds::Bool)
                    && !STAMPED.contains(&column.name);
                if is_value && !body.contains_key(column.name) {
                    body.insert(column.name.to_owned(), Json::Null);
                }
            }
        }
        if says_the_same(&self.current(resource, id)?, &body) {
            return Ok(false);
        }
        verbs::amend(self.work, resource, (id, None), &body).map(|_| true)
    }

    /// The record as our API shows it; empty if it is not there.
    fn current(
        &self,
        resource: &'static Resource,
        id: i64,
    ) -> Result<Map<String, Json>, StoreError> {
        let actor = &self.work.call().actor;
        let one = select::one(self.work.tx(), resource, id, actor)?;
        let body = one.map(|one| render::parse(&one.body, resource.kind)).transpose()?;
        Ok(body.unwrap_or_default())
    }

    /// Somebody we know by an identifier, under an id that we do not.
    ///
    /// What we have stays: only identifiers that are new are added, and fields that are empty
    /// are filled.
    pub(super) fn merge(
        &self,
        resource: &'static Resource,
        id: i64,
        body: Map<String, Json>,
    ) -> Result<(), RecordError> {
        let current = self.current(resource, id)?;
        let mut patch = Map::new();
        for (name, value) in body {
            match (current.get(&name), value) {
                (Some(Json::Array(ours)), Json::Array(theirs)) => {
                    let mut all = ours.clone();
                    let fresh = theirs.into_iter().filter(|row| !all_has(ours, row));
                    all.extend(fresh.collect::<Vec<_>>());
                    if all.len() != ours.len() {
                        patch.insert(name, Json::Array(all));
                    }
                }
                (None | Some(Json::Null), value) => {
                    patch.insert(name, value);
                }
                _ => {}
            }
        }
        if !patch.is_empty() {
            verbs::amend(self.work, resource, (id, None), &patch)?;
        }
        Ok(())
    }

    /// How many identifiers were left out because others have them, since this was asked last.
    pub(super) fn identifiers_taken(&self) -> u64 {
        self.identifiers_taken.take()
    }

    pub(super) fn link(&self, mapped: &Mapped, id: i64, digest: &[u8]) -> Result<(), StoreError> {
        self.remember(mapped, id)?;
        let sql = "INSERT INTO import_link (source, kind, source_id, record_id, digest) \
            VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (source, kind, source_id) \
            DO UPDATE SET record_id = excluded.record_id, digest = excluded.digest";
        let aliases = mapped.alias.iter().chain([&mapped.source_id]);
        for source_id in aliases {
            let params = [
                self.scope.source.into(),
                mapped.kind.fhir().into(),
                source_id.as_str().into(),
                id.into(),
                Value::Blob(digest.to_vec()),
            ];
            self.work.tx().execute(sql, &params)?;
        }
        Ok(())
    }

    /// Another id under which the same resource has come, as in a Bundle that gives out new
    /// ones each time, is linked too.
    fn relink(&self, mapped: &Mapped, id: i64, digest: &[u8]) -> Result<(), StoreError> {
        let tx = self.work.tx();
        let known = match &mapped.alias {
            Some(alias) => links::find(tx, self.scope.source, mapped.kind, alias)?,
            None => Some((id, Vec::new())),
        };
        if known.is_none_or(|(known, _)| known != id) {
            return self.link(mapped, id, digest);
        }
        self.remember(mapped, id)
    }

    fn remember(&self, mapped: &Mapped, id: i64) -> Result<(), StoreError> {
        let mut fresh = self.fresh.borrow_mut();
        for source_id in mapped.alias.iter().chain([&mapped.source_id]) {
            fresh.insert((mapped.kind, source_id.clone()), id);
        }
        // Also of one that has no number any more: what it claimed before is forgotten.
        if !claims::may_claim(mapped.kind) {
            return Ok(());
        }
        claims::keep(self.work.tx(), self.scope, mapped, id)
    }
}

/// Times that a room sets to the present when a record comes without one.
const STAMPED: [&str; 3] = ["recorded_recorded", "issued_recorded", "authored_recorded"];
/// The field that only says what a request asks for.
const MEDICATION: &str = "medication";
const NO_MEDICATION: &str =
    "medicationReference: the medication is not in this import and the request does not name it";
/// Stands for a participant whom the source refers to and neither names nor brings.
const NOT_NAMED: &str = "Not named in the source";
const AT_SOURCE: &str = "Entered in error at the source of the import.";
/// Takes the status "entered in error" away, which is an action and not a value.
fn take_error_status(body: &mut Map<String, Json>) -> bool {
    let wrong = body.get("status").and_then(Json::as_str) == Some(ENTERED_IN_ERROR);
    if wrong {
        body.remove("status");
    }
    wrong
}

/// SHA-256 over what was mapped: two writings of the same resource are the same.
pub(super) fn fingerprint(mapped: &Mapped) -> Vec<u8> {
    let body = serde_json::to_vec(&mapped.body).unwrap_or_default();
    let mut parts = vec![body];
    for link in &mapped.refs {
        parts.push(link.field.clone().into_bytes());
        parts.push(links::to_text(link).into_bytes());
    }
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    sha256(&parts).to_vec()
}
