//! How fast files are taken in beside a running server: generated ones, or those of the path in
//! `HEALTHFLOW_IMPORT`.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};

use super::hospital::PROGRAM;
use super::table::Table;

/// Patients that are generated, with four resources each.
const PATIENTS: usize = 5_000;

/// Imports through the command line into the server that runs on `data`.
pub(crate) fn measure(data: &Path, table: &mut Table) {
    let path = match std::env::var_os("HEALTHFLOW_IMPORT") {
        Some(path) => PathBuf::from(path),
        None => generate(data),
    };
    let output = Command::new(PROGRAM)
        .args(["import", "--json", "--data"])
        .arg(data)
        .arg(path)
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let result: Json = serde_json::from_slice(&output.stdout).unwrap();
    let summary = &result["data"]["summary"];
    let speed = summary["resources_per_second"].as_f64().unwrap_or(0.0);
    table.fact("resources imported in a second", &format!("{speed:.0}"));
    table.fact("resources that the import rejected", &summary["rejected"].to_string());
}

/// Patients with one visit and two measurements each, as NDJSON.
fn generate(folder: &Path) -> PathBuf {
    let path = folder.join("generated.ndjson");
    let mut file = BufWriter::new(fs::File::create(&path).unwrap());
    for number in 0..PATIENTS {
        for resource in resources(number) {
            writeln!(file, "{resource}").unwrap();
        }
    }
    path
}

fn resources(number: usize) -> [Json; 4] {
    let patient = json!({"reference": format!("Patient/p{number}")});
    let visit = json!({"reference": format!("Encounter/e{number}")});
    let weight = |day: usize| {
        json!({
            "resourceType": "Observation", "id": format!("o{number}-{day}"), "status": "final",
            "code": {"text": "Body weight"}, "subject": patient, "encounter": visit,
            "effectiveDateTime": format!("2020-01-0{day}"),
            "valueQuantity": {"value": 70.5, "unit": "kg"},
        })
    };
    [
        json!({
            "resourceType": "Patient", "id": format!("p{number}"), "gender": "female",
            "name": [{"family": format!("Generated{number}"), "given": ["Ama"]}],
            "birthDate": "1980-01-02",
        }),
        json!({
            "resourceType": "Encounter", "id": format!("e{number}"), "status": "finished",
            "class": {"code": "AMB"}, "subject": patient,
            "period": {"start": "2020-01-01T10:00:00Z"},
        }),
        weight(1),
        weight(2),
    ]
}
