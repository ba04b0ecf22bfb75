//! Finding patients over HTTP: the list of all, searched or opened anywhere, and who may be the
//! same person.

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde_json::Value as Json;

use super::PatientsRead;
use crate::domain::patients::directory::{Directory, DirectoryError};
use crate::domain::patients::matches::{self, Person, TYPED_MAX};
use crate::domain::patients::resource::SEXES;
use crate::domain::patients::{PATIENT, PATIENTS, Shelves, browse, found_by};
use crate::platform::ledger::{Desk, Seen};
use crate::platform::resource::cursor::Cursor;
use crate::platform::resource::query::ListQuery;
use crate::platform::resource::reader::Reader;
use crate::platform::resource::{Related, api as common, select};
use crate::platform::search::{Hit, Matched};
use crate::vocab::actor::Call;
use crate::vocab::moment::PartialDate;
use crate::vocab::problem::{Findings, ProblemKind};
use crate::web::permit::demand;
use crate::web::{Answer, Failure, Permit, Signed, conditional, query};

/// The list by name, from a place in it on, or those whom `q` finds.
pub(super) async fn get_patients(
    related: &'static [Related],
    (signed, request): (Signed, HttpRequest),
    desk: Data<Desk>,
    directory: Data<Directory>,
) -> Answer {
    demand(&request, &signed.call, PATIENTS.read)?;
    let parameters = common::parameters(&request)?;
    let own = |own: &str| parameters.iter().find(|(name, _)| name == own).map(|(_, text)| text);
    let text = own("q").filter(|text| !text.trim().is_empty()).cloned();
    let reader = Reader::new(&PATIENTS, &signed.call.actor, desk.seal()?).bringing(related);
    // A search is ranked: there is no place in it.
    let reader = reader.leaving(if text.is_some() { &["q"] } else { &["q", "offset"] });
    let query = reader.list(&parameters).map_err(common::bad_query)?;
    let Some(text) = text else {
        let query = at_offset(&desk, query, own("offset")).await?;
        return common::list(&signed.call, &request, &desk, &query).await;
    };
    if query.cursor.is_some() || !query.filters.is_empty() {
        let detail = "A search with q is ranked and has one page: leave out cursor and filters, \
             or make q more exact.";
        return Err(Failure::new("web.query", ProblemKind::Malformed, detail));
    }
    search((&signed.call, &request), &desk, directory, text, query).await
}

/// Those whom `text` finds, the best first; the caller has checked the permission.
pub(super) async fn search(
    (call, request): (&Call, &HttpRequest),
    desk: &Desk,
    directory: Data<Directory>,
    text: String,
    query: ListQuery,
) -> Answer {
    common::demand_includes(request, call, &query)?;
    let body = desk
        .read_slow(call, "patients.search", move |tx| {
            let mut answer = directory.query(&text, query.limit)?;
            found_by::order(tx, &mut answer.hits, &text)?;
            let ids: Vec<i64> = answer.hits.iter().map(|hit| hit.id).collect();
            let mut found = select::these(tx, &ids, &query)?;
            let others = found_by::other_names::<DirectoryError>(tx, &ids, &text)?;
            for (id, json) in &mut found {
                if let Some(hit) = answer.hits.iter().find(|hit| hit.id == *id) {
                    say_why(json, hit, others.iter().find(|(other, _)| other == id));
                }
            }
            let items: Vec<&[u8]> = found.iter().map(|(_, json)| json.as_slice()).collect();
            let body = search_body(&items, answer.more, answer.rebuilding);
            let shown = common::seen_on_page(&query, &ids);
            Ok::<_, DirectoryError>((body, shown))
        })
        .await?;
    Ok(conditional::hashed(request, body))
}

/// The list from a place of it on. Beyond its end it is the last patient's end: an empty page.
async fn at_offset(
    desk: &Desk,
    mut query: ListQuery,
    offset: Option<&String>,
) -> Result<ListQuery, Failure> {
    let Some(text) = offset else { return Ok(query) };
    let mut findings = Findings::new();
    let place = text.parse().ok().filter(|place| (0..=browse::PLACE_MAX).contains(place));
    findings.check(place.is_some(), "offset", "Send how many patients to pass over, 0 or more.");
    let plain = query.cursor.is_none() && query.filters.is_empty() && query.sort == PATIENTS.sort;
    let mend =
        "It counts from the beginning of the list by name: leave out cursor, sort and filters.";
    findings.check(plain, "offset", mend);
    findings.verdict().map_err(common::bad_query)?;
    if let Some(place) = place.filter(|place| 0 < *place) {
        let found = desk
            .store()
            .read_slow(desk.screen_deadline(), move |tx| browse::before(tx, place))
            .await?;
        query.cursor = found.map(|(id, key)| Cursor { id, value: key.into(), backwards: false });
    }
    Ok(query)
}

/// How many patients there are and where each letter begins; names nobody.
pub(super) async fn get_shelf(
    _by: Permit<PatientsRead>,
    request: HttpRequest,
    (desk, shelves): (Data<Desk>, Data<Shelves>),
) -> Answer {
    query::none(&request)?;
    let shelf = shelves.get(&desk).await?;
    let body = serde_json::to_vec(&*shelf).unwrap_or_default();
    Ok(conditional::hashed(&request, common::data(&body)))
}

/// Adds `"matched":[…]` to the finished object, and `"matched_name":{…}` when it was a name that
/// is not shown.
fn say_why(json: &mut Vec<u8>, hit: &Hit, other: Option<&(i64, Json)>) {
    let words: Vec<_> = hit.matched.iter().map(|matched| word(*matched)).collect();
    json.pop();
    json.extend_from_slice(format!(",\"matched\":[\"{}\"]", words.join("\",\"")).as_bytes());
    if let Some((_, name)) = other {
        json.extend_from_slice(format!(",\"matched_name\":{name}").as_bytes());
    }
    json.push(b'}');
}

fn word(matched: Matched) -> &'static str {
    match matched {
        Matched::Name => "name",
        Matched::Identifier => "identifier",
        Matched::Phone => "phone",
        Matched::BirthDate => "birth_date",
        Matched::SoundsLike => "sounds_like",
        Matched::Fuzzy => "fuzzy",
    }
}

fn search_body(items: &[&[u8]], more: bool, rebuilding: bool) -> Vec<u8> {
    let mut body = select::list_body(items, None, None);
    body.truncate(body.len() - 2);
    body.extend_from_slice(format!(",\"more\":{more},\"rebuilding\":{rebuilding}}}}}").as_bytes());
    body
}

/// The parameters that say what is known of somebody.
const KNOWN: [&str; 5] = ["family", "given", "birth_date", "sex", "phone"];

/// The person of whom this much is `known`, by the names in [`KNOWN`].
pub(super) fn person_of(known: Vec<(String, String)>, findings: &mut Findings) -> Person {
    let mut person = Person::default();
    for (name, value) in known {
        let length = value.chars().count();
        findings.check(
            length <= TYPED_MAX,
            &name,
            &format!("Send at most {TYPED_MAX} characters."),
        );
        match name.as_str() {
            "family" => person.family = value,
            "given" => person.given = value,
            "birth_date" => {
                let fine = PartialDate::parse(&value).is_some();
                findings.check(fine, "birth_date", PartialDate::MEND);
                person.birth_date = value;
            }
            "sex" => {
                let mend = format!("Allowed here: {}.", SEXES.join(", "));
                findings.check(SEXES.contains(&value.as_str()), "sex", &mend);
                person.sex = value;
            }
            _ => person.phone = value,
        }
    }
    person
}

/// Who may be the person at the desk.
pub(super) async fn get_matches(
    by: Permit<PatientsRead>,
    request: HttpRequest,
    desk: Data<Desk>,
    directory: Data<Directory>,
) -> Answer {
    let mut findings = Findings::new();
    let known = query::once_each(&request, &KNOWN, &mut findings)?;
    let person = person_of(known, &mut findings);
    findings.verdict().map_err(common::bad_query)?;
    matching((&by.call, &request), &desk, directory, person).await
}

/// Those who may be `person`; the caller has checked the permission.
pub(super) async fn matching(
    (call, request): (&Call, &HttpRequest),
    desk: &Desk,
    directory: Data<Directory>,
    person: Person,
) -> Answer {
    let plain = ListQuery::plain(&PATIENTS, &call.actor, desk.seal()?);
    let items = desk
        .read_slow(call, "patients.matches", move |tx| {
            let ids = matches::candidates(&directory, &person)?;
            let found = matches::compare(tx, &person, &ids)?;
            let ids: Vec<i64> = found.iter().map(|found| found.id).collect();
            let mut items = select::these(tx, &ids, &plain)?;
            for (id, json) in &mut items {
                let Some(found) = found.iter().find(|found| found.id == *id) else { continue };
                let reasons = found.reasons.join("\",\"");
                let reasons =
                    if reasons.is_empty() { String::new() } else { format!("\"{reasons}\"") };
                json.pop();
                let score = found.score;
                json.extend_from_slice(
                    format!(",\"score\":{score},\"reasons\":[{reasons}]}}").as_bytes(),
                );
            }
            let shown = ids.iter().map(|id| PATIENT.show(*id)).collect::<Vec<_>>().join(" ");
            let seen = Seen { kind: PATIENT.name, id: None, patient: None, detail: Some(shown) };
            Ok::<_, DirectoryError>((items, seen))
        })
        .await?;
    let items: Vec<Vec<u8>> = items.into_iter().map(|(_, json)| json).collect();
    Ok(common::whole_list(request, &items))
}
