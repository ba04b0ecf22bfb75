//! A declaration, from body to store to JSON and back, without any room.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json, json};

use super::form::Form;
use super::reader::Reader;
use super::seal::Seal;
use super::{Child, Column, Occasion, Parent, Resource, Sort, Subject, history, select, verbs};
use crate::platform::ledger::{Desk, RecordError, Work};
use crate::store::{Store, StoreError};
use crate::vocab::actor::{Actor, Call};
use crate::vocab::clock::{Clock, FrozenClock};
use crate::vocab::id::{IdSource, Kind};
use crate::vocab::problem::Explain;

const SECOND: Duration = Duration::from_secs(1);
const ORGANIZATION: Kind = Kind::new("organization", "org");
const PRACTITIONER: Kind = Kind::new("practitioner", "pra");

fn free(_: &Work<'_>, _: &mut Form, _: Occasion) -> Result<(), RecordError> {
    Ok(())
}

static ORGANIZATIONS: Resource = Resource {
    kind: ORGANIZATION,
    path: "organizations",
    table: "organization",
    read: "providers.read",
    write: "providers.write",
    subject: Subject::House,
    sort: Sort { column: "name", descending: false },
    columns: &[
        Column::text("name").required().filter().sort(),
        Column::long_text("phone", 5).needs("phones.read"),
        Column::text("kind_text").hidden(),
        Column::bool("active"),
    ],
    children: &[],
    parents: &[],
    prepare: free,
};

static PRACTITIONERS: Resource = Resource {
    kind: PRACTITIONER,
    path: "practitioners",
    table: "practitioner",
    read: "providers.read",
    write: "providers.write",
    subject: Subject::House,
    sort: Sort { column: "family", descending: false },
    columns: &[
        Column::id("organization_id", ORGANIZATION),
        Column::text("family").required().filter().sort(),
        Column::text("specialty_text").filter_within("family"),
        Column::text("email").needs("phones.read").filter_within("family"),
        Column::long_text("address", 1_000),
    ],
    children: &[Child {
        name: "identifiers",
        table: "practitioner_identifier",
        owner: "practitioner_id",
        columns: &[Column::text("system").required(), Column::text("value").required()],
        most: 3,
        plain: false,
    }],
    parents: &[Parent {
        name: "organization",
        column: "organization_id",
        resource: &ORGANIZATIONS,
    }],
    prepare: free,
};

fn desk() -> Desk {
    let clock: Arc<dyn Clock> = Arc::new(FrozenClock::at("2026-03-01T12:00:00Z"));
    Desk::open(Store::scratch(), clock.clone(), IdSource::new(clock, 0), SECOND)
}

fn trusted() -> Actor {
    Actor::machine("trusted", vec!["phones.read"])
}

fn other() -> Actor {
    Actor::machine("other", Vec::new())
}

fn object(value: Json) -> Map<String, Json> {
    value.as_object().cloned().unwrap_or_default()
}

fn write<T: Send + 'static>(
    desk: &Desk,
    actor: Actor,
    job: impl Fn(&Work<'_>) -> Result<T, RecordError> + Send + 'static,
) -> Result<T, RecordError> {
    desk.write_blocking(&Call::new(actor, "test"), "test", job)
}

fn make(desk: &Desk, resource: &'static Resource, body: Json) -> i64 {
    let body = object(body);
    write(desk, trusted(), move |work| verbs::create(work, resource, &body)).unwrap()
}

fn look(desk: &Desk, resource: &'static Resource, id: i64, viewer: &Actor) -> Json {
    let found = desk.store().read(SECOND, |tx| select::one(tx, resource, id, viewer)).unwrap();
    serde_json::from_slice(&found.unwrap().body).unwrap()
}

fn list(desk: &Desk, resource: &'static Resource, viewer: &Actor, query: &[(&str, &str)]) -> Json {
    let query: Vec<_> =
        query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let query = Reader::new(resource, viewer, desk.seal().unwrap()).list(&query).unwrap();
    let page = desk.peek(viewer, |sight| select::page(sight, &query)).unwrap();
    let body: Json = serde_json::from_slice(&page.body).unwrap();
    body["data"].clone()
}

fn refused(viewer: &Actor, query: &[(&str, &str)]) -> Vec<String> {
    let query: Vec<_> =
        query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let errors = Reader::new(&PRACTITIONERS, viewer, &Seal::new([0; 32])).list(&query).unwrap_err();
    errors.into_iter().map(|error| format!("{}: {}", error.field, error.message)).collect()
}

#[test]
fn a_record_comes_back_as_it_was_sent() {
    let desk = desk();
    let organization = make(&desk, &ORGANIZATIONS, json!({"name": " Clinic ", "phone": "1"}));
    let id = make(
        &desk,
        &PRACTITIONERS,
        json!({
            "family": "Osei", "organization_id": ORGANIZATION.show(organization),
            "identifiers": [{"system": "a", "value": "1"}, {"system": "b", "value": "2"}],
        }),
    );
    let shown = look(&desk, &PRACTITIONERS, id, &trusted());
    assert_eq!(
        shown,
        json!({
            "id": PRACTITIONER.show(id), "organization_id": ORGANIZATION.show(organization),
            "family": "Osei", "specialty_text": null, "email": null, "address": null,
            "version": 1, "created_at": "2026-03-01T12:00:00Z",
            "updated_at": "2026-03-01T12:00:00Z",
            "identifiers": [{"system": "a", "value": "1"}, {"system": "b", "value": "2"}],
        })
    );
    let include =
        [("include", "organization,identifiers,organization"), ("fields", "family,family")];
    let listed = list(&desk, &PRACTITIONERS, &trusted(), &include);
    let named = listed[0].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(named, ["family", "id", "identifiers", "organization"]);
    assert_eq!(listed[0]["organization"]["name"], "Clinic");
    assert!(listed[0]["organization"].get("kind_text").is_none(), "hidden");
}

#[test]
fn a_change_keeps_what_it_does_not_name_and_what_was_before() {
    let desk = desk();
    let id = make(
        &desk,
        &PRACTITIONERS,
        json!({
            "family": "Osei", "email": "o@x", "specialty_text": "Eyes",
            "identifiers": [{"system": "a", "value": "1"}],
        }),
    );
    let amend = |patch: Json, version: i64| {
        let patch = object(patch);
        write(&desk, trusted(), move |work| {
            verbs::amend(work, &PRACTITIONERS, (id, Some(version)), &patch)
        })
    };
    amend(json!({"specialty_text": null}), 1).unwrap();
    let shown = look(&desk, &PRACTITIONERS, id, &trusted());
    assert_eq!((&shown["email"], &shown["specialty_text"]), (&json!("o@x"), &Json::Null));
    assert_eq!(shown["identifiers"].as_array().unwrap().len(), 1);
    let numbers = json!({"identifiers": [{"system": "a", "value": "2"}]});
    assert_eq!(amend(numbers, 2).unwrap().version, 3);
    amend(json!({"identifiers": null}), 3).unwrap();
    assert_eq!(look(&desk, &PRACTITIONERS, id, &trusted())["identifiers"], json!([]));
    assert_eq!(amend(json!({}), 3).unwrap_err().code(), "web.precondition");
    let past = desk
        .store()
        .read(SECOND, |tx| history::of(tx, &PRACTITIONERS, id, &trusted()))
        .map_err(|cause: StoreError| cause)
        .unwrap();
    let past: Vec<Json> = past.iter().map(|it| serde_json::from_slice(it).unwrap()).collect();
    let versions: Vec<_> = past.iter().map(|it| it["version"].as_i64().unwrap()).collect();
    assert_eq!(versions, [3, 2, 1]);
    assert_eq!(past[2]["record"]["specialty_text"], "Eyes");
    assert_eq!(past[0]["record"]["identifiers"][0]["value"], "2");
}

#[test]
fn a_column_with_its_own_permission_is_for_those_who_hold_it() {
    let desk = desk();
    let organization = make(&desk, &ORGANIZATIONS, json!({"name": "Clinic", "phone": "12345"}));
    let id = make(
        &desk,
        &PRACTITIONERS,
        json!({
            "family": "Osei", "email": "o@x",
            "organization_id": ORGANIZATION.show(organization),
        }),
    );
    assert_eq!(look(&desk, &PRACTITIONERS, id, &trusted())["email"], "o@x");
    assert!(look(&desk, &PRACTITIONERS, id, &other()).get("email").is_none());
    let query = [("include", "organization"), ("fields", "email,family")];
    let listed = list(&desk, &PRACTITIONERS, &trusted(), &query);
    assert_eq!(listed[0]["organization"]["phone"], "12345");
    let listed = list(&desk, &PRACTITIONERS, &other(), &query);
    assert!(listed[0].get("email").is_none() && listed[0]["organization"].get("phone").is_none());
    let by_email = [("family", "Osei"), ("email", "o@x")];
    assert_eq!(list(&desk, &PRACTITIONERS, &trusted(), &by_email).as_array().unwrap().len(), 1);
    let refusal = refused(&other(), &by_email);
    assert!(refusal[0].starts_with("email: Allowed here: "), "{refusal:?}");
    assert!(!refusal[0].contains("email,"), "{refusal:?}");
    for (body, field) in [(json!({"email": "x"}), "email"), (json!({"email": null}), "email")] {
        let patch = object(body);
        let denied = write(&desk, other(), move |work| {
            verbs::amend(work, &PRACTITIONERS, (id, None), &patch)
        });
        assert_eq!(denied.unwrap_err().fields()[0].field, field);
    }
    let patch = object(json!({"specialty_text": "Eyes"}));
    let after =
        write(&desk, other(), move |work| verbs::amend(work, &PRACTITIONERS, (id, None), &patch));
    assert!(!String::from_utf8(after.unwrap().body).unwrap().contains("o@x"));
    assert_eq!(look(&desk, &PRACTITIONERS, id, &trusted())["email"], "o@x", "kept");
    for (viewer, shown) in [(trusted(), true), (other(), false)] {
        let past = desk.store().read(SECOND, |tx| history::of(tx, &PRACTITIONERS, id, &viewer));
        let past = past.map_err(|cause: StoreError| cause).unwrap();
        assert_eq!(String::from_utf8_lossy(&past[0]).contains("o@x"), shown);
    }
}

#[test]
fn a_filter_that_no_index_serves_alone_names_the_other() {
    assert_eq!(
        refused(&trusted(), &[("specialty_text", "Eyes")]),
        ["specialty_text: Send it together with family."]
    );
    assert_eq!(
        refused(&trusted(), &[("sort", "address")]),
        ["sort: Allowed here: family, id. Put - before it for the reverse."]
    );
}

#[test]
fn what_is_taken_is_named_by_its_field() {
    let desk = desk();
    let body = json!({"family": "Osei", "identifiers": [{"system": "a", "value": "1"}]});
    make(&desk, &PRACTITIONERS, body.clone());
    let body = object(body);
    let taken = write(&desk, trusted(), move |work| verbs::create(work, &PRACTITIONERS, &body));
    let taken = taken.unwrap_err();
    assert_eq!((taken.code(), taken.fields()[0].field.as_str()), ("record.taken", "identifiers"));
    let nowhere = json!({"family": "Osei", "organization_id": ORGANIZATION.show(1)});
    let body = object(nowhere);
    let missing = write(&desk, trusted(), move |work| verbs::create(work, &PRACTITIONERS, &body));
    // Without a rule of its room the store's own check is what is left.
    assert_eq!(missing.unwrap_err().fields()[0].field, "practitioner.*_id");
}

#[test]
fn all_refused_values_are_told_at_once_and_none_is_repeated() {
    let body = object(json!({
        "family": "Moreau\u{0}", "organization_id": "Moreau", "nonsense": "Moreau",
        "identifiers": [{"system": "Moreau"}, 4],
    }));
    let errors = Form::read(&PRACTITIONERS, &body, &TimeZone::UTC).unwrap_err();
    let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(
        fields,
        ["nonsense", "organization_id", "family", "identifiers[0].value", "identifiers[1]"]
    );
    assert!(errors.iter().all(|error| !error.message.contains("Moreau")), "{errors:?}");
}
