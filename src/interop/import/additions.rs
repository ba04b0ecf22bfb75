//! Resources that are no records of their own and add to others: roles to practitioners, care
//! teams to encounters, medications to the requests that name them.

use serde_json::Value as Json;

use super::links;
use super::place::{Bench, Placed, fingerprint};
use crate::domain::encounters::ENCOUNTERS;
use crate::domain::providers::PRACTITIONERS;
use crate::interop::fhir::{Kind, Link, Mapped, Reference};
use crate::platform::ledger::RecordError;
use crate::platform::resource::verbs;

impl Bench<'_> {
    /// A role says where a practitioner works and as what.
    pub(super) fn role(&self, mapped: &Mapped) -> Result<Placed, RecordError> {
        let Some(owner) = mapped.refs.iter().find(|link| link.wants.contains(&Kind::Practitioner))
        else {
            return Ok(Placed::Rejected("practitioner: the role names nobody".to_owned()));
        };
        let Some((_, id)) = self.resolve(owner)? else { return Ok(self.missing("practitioner")) };
        let mut patch = mapped.body.clone();
        for link in mapped.refs.iter().filter(|link| link.field != owner.field) {
            match self.resolve(link)? {
                Some((kind, target)) => {
                    let shown = links::shown(kind, target).unwrap_or_default();
                    links::put(&mut patch, &link.field, shown);
                }
                None if self.last || link.to == Reference::Display => {}
                None => return Ok(Placed::Waits),
            }
        }
        self.once(mapped, id, || {
            verbs::amend(self.work, &PRACTITIONERS, (id, None), &patch).map(|_| ())
        })
    }

    /// A care team adds its practitioners to the encounter that it was formed for. The patient
    /// and the organization, which are members too, stand in the encounter already.
    pub(super) fn care_team(&self, mapped: &Mapped) -> Result<Placed, RecordError> {
        let Some(owner) = mapped.refs.iter().find(|link| link.wants.contains(&Kind::Encounter))
        else {
            return Ok(Placed::Rejected("encounter: the care team names none".to_owned()));
        };
        let Some((_, id)) = self.resolve(owner)? else { return Ok(self.missing("encounter")) };
        let mut body = mapped.body.clone();
        for link in mapped.refs.iter().filter(|link| link.field.starts_with("participants.")) {
            if let Some((kind, target)) = self.resolve(link)? {
                let shown = links::shown(kind, target).unwrap_or_default();
                links::put(&mut body, &link.field, shown);
                continue;
            }
            let other = Link { wants: &[Kind::Patient, Kind::Organization], ..link.clone() };
            if !self.last && self.resolve(&other)?.is_none() {
                return Ok(Placed::Waits);
            }
        }
        body.retain(|name, _| name == "participants");
        if let Some(Json::Array(rows)) = body.get_mut("participants") {
            rows.retain(|row| row.get("practitioner_id").is_some());
        }
        self.once(mapped, id, || self.merge(&ENCOUNTERS, id, body.clone()))
    }

    /// A medication by itself is no record; what asks for it takes its code and name.
    pub(super) fn medication(&self, mapped: &Mapped) -> Result<Placed, RecordError> {
        self.once(mapped, 0, || {
            for source_id in mapped.alias.iter().chain([&mapped.source_id]) {
                links::keep_medication(self.work.tx(), self.scope.source, source_id, &mapped.body)?;
            }
            Ok(())
        })
    }

    /// Does what a resource adds to the record `id`, unless it was done already.
    fn once(
        &self,
        mapped: &Mapped,
        id: i64,
        add: impl FnOnce() -> Result<(), RecordError>,
    ) -> Result<Placed, RecordError> {
        let digest = fingerprint(mapped);
        let known = links::find(self.work.tx(), self.scope.source, mapped.kind, &mapped.source_id)?;
        if known.as_ref().is_some_and(|(_, before)| *before == digest) {
            return Ok(Placed::Unchanged);
        }
        add()?;
        self.link(mapped, id, &digest)?;
        Ok(if known.is_some() { Placed::Updated } else { Placed::Stored })
    }

    fn missing(&self, field: &str) -> Placed {
        if self.last {
            Placed::Rejected(format!("{field}: it is not in this import nor in the hospital"))
        } else {
            Placed::Waits
        }
    }
}
