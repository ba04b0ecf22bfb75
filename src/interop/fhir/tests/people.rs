//! Patients, practitioners, organizations and places.

use super::*;

#[test]
fn a_whole_patient() {
    let text = r#"{
      "resourceType": "Patient", "id": "P1", "meta": {"versionId": "3"}, "active": true,
      "text": {"status": "generated", "div": "<div>x</div>"},
      "extension": [
        {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": "F"},
        {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race", "extension": []}
      ],
      "name": [
        {"use": "maiden", "family": "Adeyemi", "given": ["Ngozi"]},
        {"use": "official", "text": "Dr. Ngozi Ruth Okafor", "family": "Okafor",
         "given": ["Ngozi", " Ruth "], "prefix": ["Dr."], "suffix": ["MD"]}
      ],
      "identifier": [
        {"system": "urn:mrn", "value": "12-3", "type": {"coding": [{"code": "MR", "display": "Medical record"}]}},
        {"system": "urn:policy", "value": "F7", "type": {"coding": [{"code": "MB"}], "text": "Policy"}},
        {"value": "A9", "type": {"text": "Old card"}},
        {"value": "lost"}, {"system": "urn:empty"}
      ],
      "telecom": [
        {"system": "phone", "value": "555-2", "use": "work", "rank": 2},
        {"system": "phone", "value": "555-1", "use": "mobile", "rank": 1},
        {"system": "email", "value": "n@example.org"}
      ],
      "gender": "female", "birthDate": "1980-05", "deceasedDateTime": "2020-01-02T03:04:05+01:00",
      "address": [{"use": "home", "line": ["1 High St", "Flat 2"], "city": "Lagos",
        "postalCode": "101", "country": "NG",
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/geolocation"}]}],
      "maritalStatus": {"coding": [{"code": "M", "display": "M"}], "text": "M"},
      "multipleBirthInteger": 2,
      "contact": [{"relationship": [{"text": "Brother"}], "name": {"given": ["Obi"], "family": "A"},
        "telecom": [{"system": "phone", "value": "555-9"}]}],
      "communication": [
        {"language": {"text": "English"}},
        {"language": {"coding": [{"code": "yo", "display": "Yoruba"}]}, "preferred": true}
      ],
      "photo": [{"url": "x"}]
    }"#;
    let patient = mapped_text(text);
    assert_body(
        &patient,
        &json!({
            "active": true,
            "names": [
                {"family": "Okafor", "given": ["Ngozi", "Ruth"], "prefix": "Dr.", "suffix": "MD",
                 "name_use": "official"},
                {"family": "Adeyemi", "given": ["Ngozi"], "prefix": null, "suffix": null,
                 "name_use": "maiden"},
            ],
            "birth_date": "1980-05", "sex": "female", "gender": null,
            "identifiers": [
                {"system": "urn:mrn", "value": "12-3", "type_code": "MR", "type_text": "Medical record"},
                {"system": "urn:policy", "value": "F7", "type_code": "MB", "type_text": "Policy"},
                {"system": "urn:healthflow:source:clinic:Old card", "value": "A9",
                 "type_code": null, "type_text": "Old card"},
            ],
            "telecoms": [
                {"system": "phone", "telecom_use": "mobile", "value": "555-1"},
                {"system": "phone", "telecom_use": "work", "value": "555-2"},
                {"system": "email", "telecom_use": null, "value": "n@example.org"},
            ],
            "addresses": [{"address_use": "home", "line": "1 High St, Flat 2", "city": "Lagos",
                "postal_code": "101", "country": "NG"}],
            "contacts": [{"relationship": "Brother", "name": "Obi A", "phone": "555-9"}],
            "deceased": true, "deceased_recorded": "2020-01-02T03:04:05+01:00",
            "marital_status_text": "Married", "language_text": "Yoruba, English",
            "multiple_birth": 2,
        }),
    );
    assert_eq!(patient.source_id, "P1");
    let unique: Vec<_> =
        patient.identifiers.iter().map(|it| (it.value.as_str(), it.is_unique)).collect();
    assert_eq!(unique, [("12-3", true), ("F7", false), ("A9", true)]);
    assert_eq!(
        patient.left_out,
        [
            "Patient.address.extension[geolocation]",
            "Patient.extension[us-core-race]",
            "Patient.identifier[without system]",
            "Patient.identifier[without value]",
            "Patient.photo",
            "Patient.text",
        ]
    );
}

#[test]
fn names_of_all_shapes() {
    let cases = [
        (json!([{"family": "Suharto"}]), json!([["Suharto", [], "official"]])),
        (json!([{"given": ["Björk"]}]), json!([[null, ["Björk"], "official"]])),
        (json!([{"text": "Aung San Suu Kyi"}]), json!([["Aung San Suu Kyi", [], "official"]])),
        (
            json!([{"use": "temp", "family": "A"}, {"use": "anonymous", "family": "B"}]),
            json!([["A", [], "temporary"], ["B", [], "alias"]]),
        ),
        (
            json!([{"family": "王", "given": ["秀英"]}, {"family": "Wang", "given": ["Xiuying"]}]),
            json!([["王", ["秀英"], "official"], ["Wang", ["Xiuying"], "alias"]]),
        ),
        (json!([{"use": "usual"}, {"family": "C"}]), json!([["C", [], "official"]])),
    ];
    for (names, expected) in cases {
        let patient = mapped(&json!({"resourceType": "Patient", "id": "p", "name": names}));
        let rows = patient.body["names"].as_array().unwrap().iter();
        let rows: Value =
            rows.map(|row| json!([row["family"], row["given"], row["name_use"]])).collect();
        assert_eq!(rows, expected);
    }
}

#[test]
fn sex_comes_from_birth_and_gender_says_what_differs() {
    let birth = |code: &str| json!([{"url": "x/us-core-birthsex", "valueCode": code}]);
    let identity = json!([{"url": "http://hl7.org/fhir/StructureDefinition/patient-genderIdentity",
        "valueCodeableConcept": {"text": "non-binary"}}]);
    let cases = [
        (json!({"gender": "male"}), json!("male"), Value::Null),
        (json!({}), json!("unknown"), Value::Null),
        (json!({"gender": "female", "extension": birth("M")}), json!("male"), json!("female")),
        (json!({"gender": "other", "extension": birth("UNK")}), json!("other"), Value::Null),
        (json!({"gender": "male", "extension": identity}), json!("male"), json!("non-binary")),
    ];
    for (mut fields, sex, gender) in cases {
        fields["resourceType"] = "Patient".into();
        fields["name"] = json!([{"family": "A"}]);
        let patient = mapped(&fields);
        assert_body(&patient, &json!({"sex": sex, "gender": gender}));
        assert_eq!(patient.left_out, Vec::<String>::new(), "{fields}");
    }
}

#[test]
fn those_who_give_care_and_where() {
    let organization = mapped(&json!({
        "resourceType": "Organization", "id": "o1", "active": false, "name": "St Luke",
        "identifier": [{"system": "urn:org", "value": "o1"}], "alias": ["Luke"],
        "type": [{"text": "Clinic"}], "telecom": [{"system": "phone", "value": "1"}, {"system": "fax", "value": "2"}],
        "address": [{"line": ["5 Quay"], "city": "Cork", "state": "C", "postalCode": "T12"}]
    }));
    assert_body(
        &organization,
        &json!({
            "active": false, "name": "St Luke", "kind_text": "Clinic", "phone": "1",
            "address": "5 Quay, Cork, C T12", "identifiers": [{"system": "urn:org", "value": "o1"}],
        }),
    );
    assert_eq!(organization.left_out, ["Organization.alias", "Organization.telecom[fax]"]);

    let practitioner = mapped(&json!({
        "resourceType": "Practitioner", "id": "d1",
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "99"}],
        "name": [{"family": "Boateng", "given": ["Ama", "K"], "prefix": ["Dr."]}], "gender": "female",
        "telecom": [{"system": "email", "value": "a@example.org"}],
        "address": [{"text": "Ward 3"}], "qualification": [{"code": {"text": "MD"}}]
    }));
    assert_body(
        &practitioner,
        &json!({
            "family": "Boateng", "given": "Ama K", "prefix": "Dr.", "sex": "female",
            "email": "a@example.org", "phone": null, "address": "Ward 3",
        }),
    );
    assert_eq!(practitioner.left_out, ["Practitioner.qualification"]);

    let role = mapped(&json!({
        "resourceType": "PractitionerRole", "id": "r1",
        "practitioner": {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "99"}},
        "organization": {"reference": "Organization/o1"},
        "code": [{"text": "General Practice"}], "specialty": [{"text": "General Practice"}]
    }));
    assert_body(&role, &json!({"specialty_text": "General Practice"}));
    assert_eq!(role.refs.len(), 2);
    assert_eq!(role.left_out, Vec::<String>::new());

    let location = mapped(&json!({
        "resourceType": "Location", "id": "l1", "status": "suspended", "name": "Ward 3",
        "address": {"line": ["5 Quay"], "use": "work"}, "position": {"latitude": 1.5},
        "managingOrganization": {"reference": "Organization/o1", "display": "St Luke"}
    }));
    assert_body(&location, &json!({"active": false, "name": "Ward 3", "address": "5 Quay"}));
    assert_eq!(location.refs[0].field, "organization_id");
    assert_eq!(location.left_out, ["Location.position"]);
}
