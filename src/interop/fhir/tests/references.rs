//! References in all their forms, and the ids under which they meet.

use super::*;
use crate::interop::source::Item;

fn reference_of(element: Value) -> Option<Reference> {
    let fields = json!({"encounter": element, "contained": [
        {"resourceType": "Encounter", "id": "in", "identifier": [{"system": "s", "value": "v"}]},
        {"resourceType": "Encounter", "id": "bare"}
    ]});
    let condition = mapped(&with_base("Condition", fields));
    condition.refs.into_iter().find(|link| link.field == "encounter_id").map(|link| link.to)
}

#[test]
fn all_forms_are_understood() {
    let by_id = |kind: Option<Kind>, id: &str| Some(Reference::Resource { kind, id: id.into() });
    let by_number = |system: Option<&str>, value: &str| {
        let system = system.map(str::to_owned);
        Some(Reference::Identified { system, value: value.into() })
    };
    let uuid = "AB33527A-6ab6-45b9-b181-25e08e3da8e4";
    let lower = "ab33527a-6ab6-45b9-b181-25e08e3da8e4";
    let encounter = Some(Kind::Encounter);
    let cases = [
        (json!({"reference": "Encounter/1"}), by_id(encounter, "1")),
        (json!({"reference": "Encounter/1/_history/2"}), by_id(encounter, "1")),
        (json!({"reference": format!("Encounter/{uuid}")}), by_id(encounter, lower)),
        (json!({"reference": format!("urn:uuid:{uuid}")}), by_id(None, lower)),
        (
            json!({"reference": format!("URN:UUID:{uuid}"), "type": "Encounter"}),
            by_id(encounter, lower),
        ),
        (json!({"reference": "urn:oid:1.2.3"}), by_id(None, "1.2.3")),
        (json!({"reference": "https://x.example/fhir/Encounter/1"}), by_id(encounter, "1")),
        (json!({"reference": "Encounter?identifier=http://s|7"}), by_number(Some("http://s"), "7")),
        (
            json!({"reference": "Encounter?identifier=http%3A%2F%2Fs%7C7%208"}),
            by_number(Some("http://s"), "7 8"),
        ),
        (json!({"reference": "Encounter?identifier=7"}), by_number(None, "7")),
        (json!({"identifier": {"system": "s", "value": "v"}}), by_number(Some("s"), "v")),
        (json!({"reference": "#in"}), by_number(Some("s"), "v")),
        (json!({"reference": "#bare"}), None),
        (json!({"reference": "#nowhere", "display": "gone"}), None),
        (json!({"display": "the visit in May"}), None),
        (json!({"reference": "Encounter?status=finished"}), None),
        (json!({"reference": "EpisodeOfCare/1"}), None),
        (json!({"reference": "Patient/1"}), None),
    ];
    for (element, expected) in cases {
        assert_eq!(reference_of(element.clone()), expected, "{element}");
    }
}

fn entry(full_url: Option<&str>, resource: Value) -> Item {
    Item {
        file: "a".into(),
        line: 1,
        full_url: full_url.map(str::to_owned),
        request: None,
        resource,
        digest: [7; 32],
        entry: None,
    }
}

fn record(item: Item) -> Mapped {
    match map(item, "s") {
        Outcome::Record(mapped) => *mapped,
        other => panic!("{other:?}"),
    }
}

#[test]
fn ids_and_full_urls_meet() {
    let cases = [
        (Some("urn:uuid:AAAA"), Some("p1"), "p1", Some("AAAA")),
        (Some("https://x.example/fhir/Patient/p1"), Some("p1"), "p1", None),
        (Some("urn:uuid:p1"), Some("p1"), "p1", None),
        (Some("urn:uuid:only"), None, "only", None),
        (None, Some("p1"), "p1", None),
        (None, None, &"07".repeat(32), None),
    ];
    for (full_url, id, source_id, alias) in cases {
        let patient = json!({"resourceType": "Patient", "id": id, "name": [{"family": "A"}]});
        let mapped = record(entry(full_url, patient));
        assert_eq!((mapped.source_id.as_str(), mapped.alias.as_deref()), (source_id, alias));
    }
}

#[test]
fn the_same_id_on_another_server_is_another_resource() {
    let base = Some("https://here.example/fhir/Condition/c");
    for (reference, expected) in [
        ("https://here.example/fhir/Patient/1", "1"),
        ("Patient/1", "1"),
        ("https://there.example/fhir/Patient/1", "https://there.example/fhir/Patient/1"),
    ] {
        let resource = with_base("Condition", json!({"subject": {"reference": reference}}));
        let mapped = record(entry(base, resource));
        let expected = Reference::Resource { kind: Some(Kind::Patient), id: expected.into() };
        assert_eq!(mapped.refs[0].to, expected);
    }
}

#[test]
fn searches_for_identifiers_are_read() {
    let cases = [
        ("identifier=a|b", Some((Some("a"), "b"))),
        ("Organization?identifier=a%7Cb", Some((Some("a"), "b"))),
        ("identifier=b", Some((None, "b"))),
        ("identifier=a|", None),
        ("identifier=a|b&active=true", None),
        ("name=x", None),
    ];
    for (query, expected) in cases {
        let expected =
            expected.map(|(system, value)| (system.map(str::to_owned), value.to_owned()));
        assert_eq!(identifier_in(query), expected, "{query}");
    }
}
