//! Encounters and what is recorded of patients.

use super::*;

/// For each case: the fields of the resource, and the fields that they become.
fn check(kind: &str, cases: &[(Value, Value)]) {
    for (fields, expected) in cases {
        assert_body(&mapped(&with_base(kind, fields.clone())), expected);
    }
}

#[test]
fn encounters() {
    let mut cases = vec![
        (json!({}), json!({"status": "finished", "class": "ambulatory", "participants": null})),
        (json!({"status": "in-progress"}), json!({"status": "in_progress"})),
        (json!({"status": "onleave"}), json!({"status": "on_leave"})),
        (json!({"status": "entered-in-error"}), json!({"status": "entered_in_error"})),
        (
            json!({"type": [{"coding": [{"system": "s", "code": "1", "display": "Visit"}]}, {"text": "b"}]}),
            json!({"code_system": "s", "code": "1", "code_text": "Visit"}),
        ),
        (
            json!({"reasonCode": [{"coding": [{"system": "s", "code": "2"}]}]}),
            json!({"reason_system": "s", "reason_code": "2", "reason_text": "2"}),
        ),
        (
            json!({"reasonReference": [{"reference": "Condition/c", "display": "Asthma"}]}),
            json!({"reason_text": "Asthma"}),
        ),
        (
            json!({"period": {"start": "2019-05-03T10:00:00.000-04:00", "end": "2019-05"}}),
            json!({"started_recorded": "2019-05-03T10:00:00.000-04:00", "ended_recorded": "2019-05"}),
        ),
        (
            json!({"hospitalization": {"dischargeDisposition": {"text": "Home"}}}),
            json!({"discharge_text": "Home"}),
        ),
    ];
    let classes = [
        ("EMER", "emergency"),
        ("IMP", "inpatient"),
        ("ACUTE", "inpatient"),
        ("OBSENC", "observation"),
        ("HH", "home"),
        ("VR", "virtual"),
        ("wellness", "wellness"),
        ("urgentcare", "urgent_care"),
        ("XYZ", "other"),
    ];
    for (theirs, ours) in classes {
        cases.push((json!({"class": {"code": theirs}}), json!({"class": ours})));
    }
    check("Encounter", &cases);
}

#[test]
fn participants_keep_role_name_and_link() {
    let encounter = mapped(&with_base(
        "Encounter",
        json!({
            "period": {"start": "2019", "end": "2020"},
            "participant": [
                {"type": [{"text": "attender"}], "period": {"start": "2019", "end": "2020"},
                 "individual": {"reference": "Practitioner/1", "display": "Dr A"}},
                {"individual": {"display": "Sister B"}, "period": {"start": "2019-06"}},
                {"individual": {"reference": "#c"}},
                {"individual": {"reference": "RelatedPerson/9", "display": "Mother"}},
                {"type": [{"text": "nobody"}]}
            ],
            "contained": [{"resourceType": "Practitioner", "id": "c", "name": [{"given": ["C"], "family": "D"}]}]
        }),
    ));
    assert_eq!(
        encounter.body["participants"],
        json!([
            {"role_text": "attender", "name": "Dr A"},
            {"role_text": null, "name": "Sister B"},
            {"role_text": null, "name": "C D"},
            {"role_text": null, "name": "Mother"},
        ])
    );
    let links: Vec<_> = encounter.refs.iter().map(|link| link.field.as_str()).collect();
    assert_eq!(links, ["patient_id", "participants.0.practitioner_id"]);
    assert_eq!(
        encounter.left_out,
        [
            "Encounter.contained[Practitioner]",
            "Encounter.participant.individual[RelatedPerson]",
            "Encounter.participant.period",
            "Encounter.participant[without a name]",
        ]
    );
}

#[test]
fn conditions() {
    let status = |code: &str| json!({"coding": [{"code": code}]});
    check(
        "Condition",
        &[
            (json!({}), json!({"status": "unknown", "verification": "unknown", "code_text": "X"})),
            (
                json!({"clinicalStatus": status("remission"), "verificationStatus": status("differential")}),
                json!({"status": "remission", "verification": "differential"}),
            ),
            (
                json!({"clinicalStatus": status("active"), "verificationStatus": status("entered-in-error")}),
                json!({"status": "entered_in_error", "verification": "unknown"}),
            ),
            (
                json!({"category": [{"coding": [{"code": "encounter-diagnosis"}]}], "severity": {"text": "Severe"}}),
                json!({"category": "encounter_diagnosis", "severity_text": "Severe"}),
            ),
            (
                json!({"code": {"coding": [
                    {"system": "icd", "code": "J45"},
                    {"system": "sct", "code": "1", "display": "Asthma", "userSelected": true}
                ]}}),
                json!({"code_system": "sct", "code": "1", "code_text": "Asthma"}),
            ),
            (
                json!({"onsetDateTime": "2019", "abatementDateTime": "2020-02-29", "recordedDate": "2019-05"}),
                json!({"onset_recorded": "2019", "abated_recorded": "2020-02-29", "recorded_recorded": "2019-05"}),
            ),
            (
                json!({"onsetAge": {"value": 45, "unit": "a"}, "abatementString": "by itself",
                    "note": [{"text": "seen"}]}),
                json!({"onset_recorded": null,
                    "note": "Onset: at the age of 45 a\nAbated: by itself\nseen"}),
            ),
            (
                json!({"onsetPeriod": {"start": "2019-01", "end": "2019-02"}}),
                json!({"onset_recorded": "2019-01", "note": "Onset: until 2019-02"}),
            ),
            (
                json!({"modifierExtension": [{"url": "http://x/negated", "valueBoolean": true}]}),
                json!({"note": "Caution: the source adds \"negated\", which may change the meaning \
                    of this record and is not understood here."}),
            ),
        ],
    );
}

#[test]
fn allergies() {
    check(
        "AllergyIntolerance",
        &[
            (
                json!({"type": "intolerance", "category": ["food", "medication"], "criticality": "unable-to-assess",
                    "clinicalStatus": {"coding": [{"code": "inactive"}]}}),
                json!({"kind": "intolerance", "category": "food, medication",
                    "criticality": "unable_to_assess", "status": "inactive"}),
            ),
            (
                json!({"reaction": [
                    {"manifestation": [{"text": "Hives"}, {"text": "Cough"}], "severity": "mild"},
                    {"manifestation": [{"text": "Shock"}], "description": "in 2019", "severity": "severe"},
                    {"manifestation": [{"text": "Shock"}], "severity": "moderate"}
                ]}),
                json!({"reaction_text": "Hives, Cough; Shock; in 2019", "severity": "severe"}),
            ),
            (
                json!({"lastOccurrence": "2018", "onsetDateTime": "2001"}),
                json!({"note": "Last reaction: 2018", "onset_recorded": "2001"}),
            ),
        ],
    );
}

#[test]
fn observations_of_every_value_type() {
    check(
        "Observation",
        &[
            (
                json!({"valueQuantity": {"value": 5, "comparator": "<", "unit": "mg", "code": "mg", "system": "http://unitsofmeasure.org"}}),
                json!({"value_decimal": "5", "value_comparator": "<", "unit": "mg", "unit_code": "mg"}),
            ),
            (
                json!({"valueCodeableConcept": {"coding": [{"system": "s", "code": "c", "display": "Never"}]}}),
                json!({"value_system": "s", "value_code": "c", "value_text": "Never"}),
            ),
            (
                json!({"valueQuantity": {"system": "http://unitsofmeasure.org"}}),
                json!({"value_decimal": null, "absent_reason": "No value in the source"}),
            ),
            (json!({"valueString": "clear"}), json!({"value_text": "clear"})),
            (json!({"valueBoolean": false}), json!({"value_code": "false", "value_text": "No"})),
            (json!({"valueInteger": 3}), json!({"value_decimal": "3"})),
            (json!({"valueDateTime": "2019-05"}), json!({"value_text": "2019-05"})),
            (json!({"valueTime": "10:30:00"}), json!({"value_text": "10:30:00"})),
            (
                json!({"valuePeriod": {"start": "2019", "end": "2020"}}),
                json!({"value_text": "2019 to 2020"}),
            ),
            (
                json!({"valueRange": {"low": {"value": 3}, "high": {"value": 5, "unit": "mg"}}}),
                json!({"value_text": "3 to 5 mg"}),
            ),
            (
                json!({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}),
                json!({"value_text": "1 : 128"}),
            ),
            (
                json!({"dataAbsentReason": {"coding": [{"code": "unknown", "display": "Unknown"}]}}),
                json!({"absent_reason": "Unknown", "value_text": null}),
            ),
            (
                json!({"referenceRange": [{"low": {"value": 3.5}, "high": {"value": 5}, "text": "3.5-5"}],
                    "interpretation": [{"coding": [{"code": "H", "display": "High"}]}]}),
                json!({"range_low": "3.5", "range_high": "5", "range_text": "3.5-5", "interpretation": "H"}),
            ),
            (
                json!({"status": "corrected", "category": [{"coding": [{"code": "vital-signs"}]}],
                    "effectivePeriod": {"start": "2019-01-01"}, "issued": "2019-01-01T00:00:00.5Z"}),
                json!({"status": "corrected", "category": "vital_signs", "effective_recorded": "2019-01-01",
                    "issued_recorded": "2019-01-01T00:00:00.5Z"}),
            ),
            (
                json!({"component": [
                    {"code": {"coding": [{"system": "l", "code": "8480-6", "display": "Systolic"}]},
                     "valueQuantity": {"value": 120, "unit": "mm[Hg]"}},
                    {"code": {"text": "Diastolic"}, "dataAbsentReason": {"text": "not heard"}}
                ]}),
                json!({"components": [
                    {"code_system": "l", "code": "8480-6", "code_text": "Systolic", "value_decimal": "120", "unit": "mm[Hg]"},
                    {"code_text": "Diastolic", "value_text": "(not heard)"}
                ]}),
            ),
        ],
    );
}

#[test]
fn digits_of_decimals_are_kept() {
    for digits in ["6.80", "0.0", "-1.50", "125.29690705292417", "1.20e-7"] {
        let text = format!(
            r#"{{"resourceType":"Observation","status":"final","code":{{"text":"X"}},
            "subject":{{"reference":"Patient/1"}},"valueQuantity":{{"value":{digits}}}}}"#
        );
        assert_eq!(mapped_text(&text).body["value_decimal"], digits);
    }
}

#[test]
fn medication_requests() {
    check(
        "MedicationRequest",
        &[
            (
                json!({"status": "on-hold", "intent": "filler-order", "authoredOn": "2020-01-01"}),
                json!({"status": "on_hold", "intent": "order", "authored_recorded": "2020-01-01"}),
            ),
            (
                json!({"dosageInstruction": [
                    {"sequence": 1, "text": "One at night", "route": {"text": "Oral"}, "asNeededBoolean": false,
                     "timing": {"repeat": {"frequency": 1, "period": 1.5, "periodUnit": "d", "when": ["HS"]}},
                     "doseAndRate": [{"type": {"coding": [{"code": "ordered"}]},
                        "doseQuantity": {"value": 2.50, "unit": "mg"}}]},
                    {"sequence": 2, "text": "then stop"}
                ]}),
                json!({"dose_text": "One at night; when HS; then stop", "route_text": "Oral",
                    "as_needed": false, "frequency": 1, "period_decimal": "1.5", "period_unit": "d",
                    "dose_decimal": "2.5", "dose_unit": "mg"}),
            ),
            (
                json!({"dosageInstruction": [{"asNeededCodeableConcept": {"text": "pain"},
                    "doseAndRate": [{"doseRange": {"low": {"value": 1}, "high": {"value": 2, "unit": "tablet"}}}]}]}),
                json!({"as_needed": true, "dose_text": "as needed for pain; 1 to 2 tablet"}),
            ),
            (
                json!({"medicationCodeableConcept": null, "medicationReference": {"reference": "#m"},
                    "contained": [{"resourceType": "Medication", "id": "m",
                        "code": {"coding": [{"system": "rx", "code": "7", "display": "Ibuprofen"}]}}]}),
                json!({"code_system": "rx", "code": "7", "code_text": "Ibuprofen"}),
            ),
            (
                json!({"reasonReference": [{"reference": "Condition/1", "display": "Pain"},
                    {"reference": "Condition/2", "display": "Fever"}]}),
                json!({"reason_text": "Pain; Fever"}),
            ),
            (
                json!({"requester": {"display": "Night service"}}),
                json!({"note": "Requested by: Night service"}),
            ),
        ],
    );
}

#[test]
fn a_medication_elsewhere_is_linked_and_its_name_kept() {
    let request = mapped(&json!({
        "resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "plan",
        "subject": {"reference": "Patient/1"},
        "medicationReference": {"reference": "Medication/7", "display": "Ibuprofen"}
    }));
    assert_body(&request, &json!({"code_text": "Ibuprofen", "code": null}));
    let link = request.refs.iter().find(|link| link.field == "medication").unwrap();
    let to = Reference::Resource { kind: Some(Kind::Medication), id: "7".into() };
    assert_eq!(link.to, to);
    let medication = mapped(&json!({
        "resourceType": "Medication", "id": "7", "code": {"text": "Ibuprofen 200 mg"}
    }));
    assert_eq!(medication.kind, Kind::Medication);
    assert_body(&medication, &json!({"code_text": "Ibuprofen 200 mg"}));
}

#[test]
fn immunizations_and_procedures() {
    check(
        "Immunization",
        &[
            (
                json!({"occurrenceDateTime": "2019-05-03", "primarySource": true, "lotNumber": "L7",
                    "expirationDate": "2020-01", "site": {"text": "Left arm"}, "route": {"text": "IM"},
                    "doseQuantity": {"value": 0.5, "unit": "mL"}}),
                json!({"status": "completed", "given_recorded": "2019-05-03", "primary_source": true,
                    "lot_number": "L7", "expiry_date": "2020-01", "site_text": "Left arm",
                    "route_text": "IM", "dose_decimal": "0.5", "dose_unit": "mL"}),
            ),
            (
                json!({"status": "not-done", "statusReason": {"text": "Refused"},
                    "occurrenceString": "as a child", "isSubpotent": true}),
                json!({"status": "not_done", "reason_text": "Refused",
                    "note": "Given: as a child\nThis dose was weaker than it should be (subpotent)."}),
            ),
        ],
    );
    check(
        "Procedure",
        &[
            (
                json!({"status": "in-progress", "performedPeriod": {"start": "2019-01-01", "end": "2019-01-02"},
                    "bodySite": [{"text": "Knee"}, {"text": "Hip"}], "outcome": {"text": "Good"}}),
                json!({"status": "in_progress", "performed_recorded": "2019-01-01",
                    "performed_end_recorded": "2019-01-02", "body_site_text": "Knee, Hip",
                    "outcome_text": "Good"}),
            ),
            (json!({"performedDateTime": "2018"}), json!({"performed_recorded": "2018"})),
            (
                json!({"performedString": "long ago", "reasonCode": [{"text": "Pain"}]}),
                json!({"note": "Performed: long ago", "reason_text": "Pain"}),
            ),
        ],
    );
}

#[test]
fn a_care_team_without_an_encounter_has_no_place() {
    let outcome = outcome_of(&with_base("CareTeam", json!({})).to_string());
    assert!(matches!(outcome, Outcome::LeftOut { .. }), "{outcome:?}");
}

#[test]
fn care_teams_bring_participants() {
    let team = mapped(&with_base(
        "CareTeam",
        json!({
            "encounter": {"reference": "Encounter/e"},
            "participant": [
                {"role": [{"text": "Patient"}], "member": {"reference": "Patient/p1"}},
                {"role": [{"text": "Surgeon"}], "member": {"reference": "Practitioner/d", "display": "Dr A"}},
                {"member": {"reference": "urn:uuid:9", "display": "Ward"}}
            ]
        }),
    ));
    assert_eq!(
        team.body["participants"],
        json!([{"role_text": "Surgeon", "name": "Dr A"}, {"role_text": null, "name": "Ward"}])
    );
    let fields: Vec<_> = team.refs.iter().map(|link| link.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "patient_id",
            "encounter_id",
            "participants.0.practitioner_id",
            "participants.1.practitioner_id"
        ]
    );
}
