//! A summary on paper: one answer for all of it, for those who may read the record, and in the
//! audit as a print.

use serde_json::json;

use healthflow::store::{ReadTx, StoreError};

use crate::harness::{Hospital, PATIENCE};

#[test]
fn a_printed_summary_is_whole_and_audited_as_a_print() {
    let hospital = Hospital::open();
    let admin = &hospital.admin;
    let patient = admin.register("Bekele", "Moreau");
    let id = patient["id"].as_str().unwrap();
    for (kind, more) in [
        ("allergies", json!({"code_text": "Penicillin"})),
        ("conditions", json!({"code_text": "Asthma"})),
        ("medication-requests", json!({"code_text": "metformin", "status": "active"})),
        ("immunizations", json!({"code_text": "Tetanus", "given_recorded": "2025-01-06"})),
        ("encounters", json!({"class": "ambulatory", "status": "finished"})),
        (
            "observations",
            json!({"code_text": "Pulse", "code": "8867-4", "status": "final",
                "value_decimal": "61", "unit": "/min", "effective_recorded": "2026-03-01"}),
        ),
    ] {
        let mut body = more;
        body["patient_id"] = json!(id);
        admin.post(&format!("/api/v1/{kind}"), &body).expect_status(201);
    }
    let place = format!("/api/v1/patients/{id}/print/patient-summary");
    let nurse = hospital.sign_in_as("nurse");
    let summary = nurse.get(&place).data();
    assert_eq!(summary["patient"]["mrn"], patient["mrn"]);
    for (kind, text) in
        [("allergies", "Penicillin"), ("conditions", "Asthma"), ("immunizations", "Tetanus")]
    {
        assert_eq!(summary[kind]["data"][0]["code_text"], text);
        assert!(summary[kind]["meta"]["cursor"]["next"].is_null());
    }
    assert_eq!(summary["medication-requests"]["data"][0]["code_text"], "metformin");
    assert_eq!(summary["encounters"]["data"][0]["class"], "ambulatory");
    assert_eq!(summary["series"][0]["last"]["value"], "61");
    hospital.sign_in_as("reception").get(&place).expect_problem(403, "access.not_allowed");
    admin.get("/api/v1/patients/pat_00000000000zz/print/patient-summary").expect_status(404);
    let (store, _scratch) = hospital.stop_and_open_store();
    let rows = store.read::<_, StoreError>(PATIENCE, |tx: &ReadTx<'_>| {
        let sql = "SELECT detail, patient_id IS NOT NULL FROM audit WHERE act = 'patients.print' \
            AND outcome = 'done' AND patient_id IS NOT NULL";
        tx.all(sql, &[], |row| Ok((row.get::<String>(0)?, row.get::<bool>(1)?)))
    });
    assert_eq!(rows.unwrap(), [("patient-summary".to_owned(), true)]);
}
