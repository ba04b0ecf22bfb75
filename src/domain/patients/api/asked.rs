//! The same questions as `GET /patients?q=` and `GET /patients/matches`, asked in a body: what
//! somebody types about a patient stands in no address, and so in no log of a proxy and in no
//! history of a browser.

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde::Deserialize;

use super::PatientsRead;
use super::find_routes::{matching, person_of, search};
use crate::domain::patients::PATIENTS;
use crate::domain::patients::directory::Directory;
use crate::platform::ledger::{Desk, RecordError};
use crate::platform::resource::Related;
use crate::platform::resource::reader::Reader;
use crate::vocab::problem::Findings;
use crate::web::{Answer, Body, Permit};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    q: String,
    limit: Option<usize>,
    fields: Option<String>,
    include: Option<String>,
}

/// The page of a search, as `GET /patients?q=` gives it.
pub(super) async fn post_search(
    related: &'static [Related],
    (by, request): (Permit<PatientsRead>, HttpRequest),
    desk: Data<Desk>,
    directory: Data<Directory>,
    Body(body): Body<Search>,
) -> Answer {
    let Search { q, limit, fields, include } = body;
    if q.trim().is_empty() {
        return Err(RecordError::field("q", "Send what to look for.").into());
    }
    let limit = limit.map(|limit| limit.to_string());
    let query = {
        let reader = Reader::new(&PATIENTS, &by.call.actor, desk.seal()?).bringing(related);
        reader.list(&named([("limit", limit), ("fields", fields), ("include", include)]))
    };
    search((&by.call, &request), &desk, directory, q, query.map_err(RecordError::from)?).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Known {
    family: Option<String>,
    given: Option<String>,
    birth_date: Option<String>,
    sex: Option<String>,
    phone: Option<String>,
}

/// Who may be the person at the desk, as `GET /patients/matches` gives it.
pub(super) async fn post_matches(
    by: Permit<PatientsRead>,
    request: HttpRequest,
    desk: Data<Desk>,
    directory: Data<Directory>,
    Body(known): Body<Known>,
) -> Answer {
    let Known { family, given, birth_date, sex, phone } = known;
    let known = named([
        ("family", family),
        ("given", given),
        ("birth_date", birth_date),
        ("sex", sex),
        ("phone", phone),
    ]);
    let mut findings = Findings::new();
    let person = person_of(known, &mut findings);
    findings.verdict().map_err(RecordError::from)?;
    matching((&by.call, &request), &desk, directory, person).await
}

/// What was sent, by name.
fn named<const N: usize>(sent: [(&str, Option<String>); N]) -> Vec<(String, String)> {
    sent.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
