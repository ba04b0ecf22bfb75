//! What the API's document says of imports.

use super::resource::{IMPORT, IMPORTS, REJECTS};
use crate::platform::resource::describe::{Offered, Offers, id, type_name};
use crate::web::openapi::{Document, Operation, schema};

/// Describes imports.
pub fn describe(document: &mut Document) {
    document.tag(IMPORTS.path, "Files that are taken in, and what could not be taken.");
    document.codes(400, &["imports.incomplete", "imports.too_slow"]);
    document.codes(413, &["imports.too_large"]);
    document.codes(500, &["imports.disk"]);
    document.codes(503, &["imports.no_room"]);
    document.codes(503, &["imports.queue_full", "imports.uploads_full", "imports.disk"]);
    Offered::new(&IMPORTS, Offers::Reads).describe(document);
    document.add("post", "/api/v1/imports", post_upload());
    document.add("post", "/api/v1/imports/local", post_local());
    Offered::new(&REJECTS, Offers::Reads).describe_below(document, &IMPORTS, "run_id");
    let cancel = "/api/v1/imports/{id}/cancel";
    let stop = Operation::new(IMPORTS.path, "cancelImport", "Stop an import")
        .detail("What was taken in stays.")
        .needs(IMPORTS.write)
        .ends(202, "It stops");
    document.add("post", cancel, stop);
    document.id(cancel, &id(IMPORT));
}

fn accepted(operation: Operation) -> Operation {
    let import = schema::data(schema::reference(&type_name(IMPORT)));
    operation
        .answers(202, "It was ordered; its record says how it goes", import)
        .header(202, "Location")
        .header(202, "Idempotent-Replayed")
}

fn source() -> serde_json::Value {
    schema::pattern("^[0-9A-Za-z._-]{1,60}$")
}

fn post_upload() -> Operation {
    let operation = Operation::new(IMPORTS.path, "uploadImport", "Take a file in")
        .detail(
            "FHIR R4 as JSON, NDJSON, .zip, .gz, .tar, .zst, or a CSV table of patients. The \
             same file of the same source twice changes nothing.",
        )
        .needs(IMPORTS.write)
        .query("name", schema::text(1, 200), "The name of the file.")
        .required()
        .query("source", source(), "The system that it comes from.")
        .query("format", schema::words(&["fhir", "csv"]), "Otherwise told by the name.")
        .query("mapping", schema::any_text(), "For CSV: a JSON object, field to column.")
        .idempotent()
        .takes_file("The file as it is")
        .refuses(&[422]);
    accepted(operation)
}

fn post_local() -> Operation {
    let mapping = serde_json::json!({
        "type": ["object", "null"], "additionalProperties": {"type": "string"},
    });
    let body = schema::body(vec![
        ("paths", schema::list(schema::text(1, 4_096), None), true),
        ("source", schema::nullable(source()), false),
        ("format", schema::nullable(schema::words(&["fhir", "csv"])), false),
        ("mapping", mapping, false),
    ]);
    let title = "Take in files that lie on the server";
    let operation = Operation::new(IMPORTS.path, "localImport", title)
        .detail("Only for the command line of the machine itself.")
        .needs("box.local")
        .idempotent()
        .takes(body);
    accepted(operation)
}
