//! The same questions as `GET /patients?q=` and `GET /patients/matches`, asked in a body: what
//! somebody types about a patient stands in no address, and so in no log of a proxy and in no
//! history of a browser.

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde::Deserialize;

use super::{PatientsRead, matching, search};
use crate::domain::patients::PATIENTS;
use crate::domain::patients::directory::Directory;
use crate::domain::patients::matches::Person;
use crate::platform::ledger::{Desk, RecordError};
use crate::platform::resource::query::ListQuery;
use crate::web::{Answer, Body, Permit};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    q: String,
    limit: Option<usize>,
    fields: Option<String>,
    include: Option<String>,
}

/// The page of a search, as `GET /patients?q=` gives it.
pub(super) async fn post_search(
    by: Permit<PatientsRead>,
    request: HttpRequest,
    desk: Data<Desk>,
    directory: Data<Directory>,
    Body(body): Body<Search>,
) -> Answer {
    let Search { q, limit, fields, include } = body;
    if q.trim().is_empty() {
        return Err(RecordError::field("q", "Send what to look for.").into());
    }
    let limit = limit.map(|limit| limit.to_string());
    let named = [("limit", limit), ("fields", fields), ("include", include)];
    let parameters: Vec<(String, String)> =
        named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    let query =
        ListQuery::read(&PATIENTS, &by.call.actor, &parameters, &[]).map_err(RecordError::from)?;
    search((&by.call, &request), &desk, directory, q, query).await
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Known {
    family: String,
    given: String,
    birth_date: String,
    sex: String,
    phone: String,
}

impl From<Known> for Person {
    fn from(known: Known) -> Self {
        let Known { family, given, birth_date, sex, phone } = known;
        Self { family, given, birth_date, sex, phone }
    }
}

/// Who may be the person at the desk, as `GET /patients/matches` gives it.
pub(super) async fn post_matches(
    by: Permit<PatientsRead>,
    request: HttpRequest,
    desk: Data<Desk>,
    directory: Data<Directory>,
    Body(known): Body<Known>,
) -> Answer {
    matching((&by.call, &request), &desk, directory, known.into()).await
}
