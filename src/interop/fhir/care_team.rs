//! `CareTeam`: its practitioners become participants of the encounter that it names.

use super::element::{Element, Taken};
use super::kind::Kind;
use super::mapping::Mapping;
use super::parts::{self, PRACTITIONER};
use super::reference::Reference;
use serde_json::{Value, json};

pub(super) fn read(root: &mut Element, mapping: &mut Mapping<'_>) -> Taken<()> {
    parts::subject(root, mapping, "subject")?;
    let mut rows: Vec<Value> = Vec::new();
    for mut participant in root.elements("participant")? {
        let role = mapping.concept_texts(&mut participant, "role")?;
        let member = participant.element("member")?;
        let before = mapping.refs.len();
        let field = format!("participants.{}.practitioner_id", rows.len());
        let name = mapping.link(&field, PRACTITIONER, member)?;
        // The patient and the organization are members too; the encounter names them already.
        // A `urn:` does not say what it is: only the import will know.
        let may_be_practitioner = mapping.refs.get(before).is_some_and(|link| match &link.to {
            Reference::Resource { kind, .. } => {
                kind.is_none_or(|kind| matches!(kind, Kind::Practitioner | Kind::PractitionerRole))
            }
            _ => true,
        });
        if may_be_practitioner {
            rows.push(json!({"role_text": role, "name": name}));
        }
        participant.close(&mut mapping.left);
    }
    if !rows.is_empty() {
        mapping.set("participants", Some(rows));
    }
    Ok(())
}
