//! What cannot be taken is rejected by field and mend; what has no place says why.

use super::*;

#[test]
fn wrong_values_are_rejected_by_field_and_mend() {
    let patient = |fields: Value| {
        let mut resource = json!({"resourceType": "Patient", "id": "p", "name": [{"family": "A"}]});
        for (field, value) in fields.as_object().unwrap() {
            resource[field] = value.clone();
        }
        resource
    };
    let cases = [
        (
            patient(json!({"birthDate": "2023-02-30"})),
            "Patient.birthDate \"2023-02-30\" is not a date: write a date that exists, like 1963-05-10",
        ),
        (
            patient(json!({"birthDate": 1980})),
            "Patient.birthDate must be text in double quotes, not a number",
        ),
        (
            patient(json!({"gender": "f"})),
            "Patient.gender \"f\" is not known; allowed: male, female, other, unknown",
        ),
        (
            patient(json!({"name": []})),
            "Patient.name is missing; give at least a family or a given name",
        ),
        (patient(json!({"name": {"family": "A"}})), "Patient.name must be a list, not an object"),
        (patient(json!({"name": ["A"]})), "Patient.name[0] must be an object, not text"),
        (
            patient(json!({"name": [{"given": [1]}]})),
            "Patient.name[0].given must be a list of texts, not a number",
        ),
        (patient(json!({"active": "yes"})), "Patient.active must be true or false, not text"),
        (
            patient(json!({"multipleBirthInteger": 1.5})),
            "Patient.multipleBirthInteger must be a whole number, not a number",
        ),
        (
            patient(json!({"deceasedDateTime": "2020-01-01T10:00:00"})),
            "Patient.deceasedDateTime \"2020-01-01T10:00:00\" is not a date: lacks its offset from \
             UTC; write it like 2019-05-03T10:00:00+02:00",
        ),
        (patient(json!({"contained": {}})), "Patient.contained must be a list"),
        (
            with_base("Condition", json!({"subject": null})),
            "Condition.subject is missing; it must refer to a Patient",
        ),
        (
            with_base("Condition", json!({"subject": {"reference": "Group/1"}})),
            "Condition.subject is \"Group\", not a Patient",
        ),
        (
            with_base("Condition", json!({"subject": {"reference": "Encounter/1"}})),
            "Condition.subject is a Encounter, not a Patient",
        ),
        (
            with_base("Condition", json!({"subject": {"display": "Ann"}})),
            "Condition.subject refers to nothing that could be found; it must name a Patient",
        ),
        (
            with_base("Condition", json!({"code": null})),
            "Condition.code is missing; give a code or a text",
        ),
        (
            with_base("Condition", json!({"clinicalStatus": {"coding": [{"code": "live"}]}})),
            "Condition.clinicalStatus \"live\" is not known; allowed: active, recurrence, relapse, \
             inactive, remission, resolved",
        ),
        (
            with_base("Encounter", json!({"period": {"start": "03/05/2019"}})),
            "Encounter.period.start \"03/05/2019\" is not a date: write a date that exists, like \
             2019-05-03, or 2019-05-03T10:00:00+02:00",
        ),
        (
            with_base("Observation", json!({"valueQuantity": {"value": "6.8"}})),
            "Observation.valueQuantity.value must be a number, not text",
        ),
        (
            with_base("Observation", json!({"valueQuantity": 6.8})),
            "Observation.valueQuantity must be an object, not a number",
        ),
        (
            with_base("Observation", json!({"component": [{"valueInteger": 1}]})),
            "Observation.component[0].code is missing; give a code or a text",
        ),
        (
            with_base("Immunization", json!({"status": null})),
            "Immunization.status is missing; say completed or not-done",
        ),
        (
            with_base("MedicationRequest", json!({"intent": null})),
            "MedicationRequest.intent is missing; say order, plan or proposal",
        ),
        (
            with_base("MedicationRequest", json!({"medicationCodeableConcept": null})),
            "MedicationRequest.medication is missing; give medicationCodeableConcept or medicationReference",
        ),
        (
            with_base("MedicationRequest", json!({"doNotPerform": true})),
            "MedicationRequest.doNotPerform says that this must NOT be given; the record has no \
             place for a prohibition, enter it as an allergy or a note",
        ),
        (json!({"resourceType": "Patiënt"}), "resourceType \"Patiënt\" is not a type of FHIR R4"),
        (
            json!({"resourceType": "Location", "id": "l"}),
            "Location.name is missing; give it a name",
        ),
    ];
    for (resource, expected) in cases {
        assert_eq!(reason(&resource), expected);
    }
}

#[test]
fn rejects_name_their_place() {
    let Outcome::Rejected(reject) = outcome_of(r#"{"resourceType":"Patient","id":"p9"}"#) else {
        panic!("a patient without a name was taken");
    };
    assert_eq!((reject.file.as_str(), reject.line), ("a.json", Some(7)));
    assert_eq!(reject.resource.as_deref(), Some("Patient/p9"));
}

#[test]
fn types_without_a_place_say_why() {
    for (kind, expected) in [
        ("Claim", "billing is not part of the record yet"),
        ("ExplanationOfBenefit", "billing is not part of the record yet"),
        ("Goal", "care plans are not part of the record yet"),
        (
            "Provenance",
            "it tells how other systems handled the data; HealthFlow keeps its own audit",
        ),
    ] {
        match outcome_of(&json!({"resourceType": kind}).to_string()) {
            Outcome::LeftOut { kind: named, reason } => {
                assert_eq!((named.as_str(), reason), (kind, expected));
            }
            other => panic!("{kind} became {other:?}"),
        }
    }
}

#[test]
fn no_type_has_a_place_and_a_reason_to_be_left_out() {
    for kind in Kind::ALL {
        assert_eq!(why_left_out(kind.fhir()), None);
        assert_eq!(Kind::of(kind.fhir()), Some(kind));
    }
}

#[test]
fn what_nobody_took_is_named() {
    let condition = mapped(&with_base(
        "Condition",
        json!({
            "implicitRules": "http://x", "stage": [{"type": {"text": "IV"}}], "bodySite": [{"text": "Lung"}],
            "_onsetDateTime": {"extension": []}, "evidence": null,
            "code": {"coding": [{"code": "1", "version": "9"}, {"code": "2"}], "text": "X"},
            "modifierExtension": [{"url": "http://x/negated"}]
        }),
    ));
    assert_eq!(
        condition.left_out,
        [
            "Condition._onsetDateTime",
            "Condition.bodySite",
            "Condition.code.coding.version",
            "Condition.code.coding[more]",
            "Condition.implicitRules",
            "Condition.modifierExtension[negated]",
            "Condition.stage",
        ]
    );
}

#[test]
fn only_post_and_put_are_carried_out() {
    let text = r#"{"request":{"method":"PATCH","url":"Patient/1"},
        "resource":{"resourceType":"Patient","id":"p","name":[{"family":"A"}]}}"#;
    let piece = Piece { file: "a".into(), line: 1, bytes: text.into(), is_entry: true };
    let item = piece.items(&Limits::STANDARD).remove(0).unwrap();
    let Outcome::Rejected(reject) = map(item, "s") else { panic!("a PATCH was taken") };
    assert!(reject.reason.starts_with("Bundle.entry.request.method \"PATCH\""), "{reject:?}");
}
