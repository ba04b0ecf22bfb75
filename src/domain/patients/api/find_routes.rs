//! Finding patients over HTTP: the list of all, searched or opened anywhere, and who may be the
//! same person.

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde_json::Value as Json;

use super::PatientsRead;
use crate::domain::patients::directory::{Directory, DirectoryError};
use crate::domain::patients::matches::{self, Person, TYPED_MAX};
use crate::domain::patients::resource::SEXES;
use crate::domain::patients::{PATIENTS, Shelves, browse, found_by};
use crate::platform::ledger::{Desk, Sight, Standing};
use crate::platform::resource::cursor::Cursor;
use crate::platform::resource::query::ListQuery;
use crate::platform::resource::reader::Reader;
use crate::platform::resource::select::{self, Item};
use crate::platform::resource::{Related, api as common};
use crate::platform::search::{Hit, Matched};
use crate::store::StoreError;
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
        .read_slow(call, "patients.search", move |sight| {
            let mut answer = directory.query(&text, query.limit)?;
            found_by::order(sight, &mut answer.hits, &text)?;
            let ids: Vec<i64> = answer.hits.iter().map(|hit| hit.id).collect();
            let asked = numbered(sight, &answer.hits, &text)?;
            let mut found = select::these(sight, &ids, &query, |id| asked.contains(&id))?;
            let seen = |item: &Item| !item.named || sight.standing(item.id) == Standing::Named;
            let known: Vec<i64> = found.iter().filter(|it| seen(it)).map(|it| it.id).collect();
            let others = found_by::other_names::<DirectoryError>(sight, &known, &text)?;
            found.retain_mut(|item| {
                let hit = answer.hits.iter().find(|hit| hit.id == item.id);
                let other = others.iter().find(|(other, _)| *other == item.id);
                hit.is_some_and(|hit| say_why(item, hit, other))
            });
            let items: Vec<&[u8]> = found.iter().map(|item| item.json.as_slice()).collect();
            let body = search_body(&items, answer.more, answer.rebuilding);
            let (ids, named) = told_apart(&found);
            let shown = common::shown_on_page(&query, (&ids, &ids), &named);
            Ok::<_, DirectoryError>((body, shown))
        })
        .await?;
    Ok(conditional::hashed(request, body))
}

/// Those of `hits` who have exactly the number `text`. Who is hidden from a search by name is
/// found by whoever holds their wristband or card.
fn numbered(sight: &Sight<'_>, hits: &[Hit], text: &str) -> Result<Vec<i64>, StoreError> {
    let mut found = Vec::new();
    for hit in hits.iter().filter(|hit| hit.matched.contains(&Matched::Identifier)) {
        if found_by::has_number(sight, hit.id, text)? {
            found.push(hit.id);
        }
    }
    Ok(found)
}

/// Those whose record is shown, and those of whom only who they are is.
fn told_apart(items: &[Item]) -> (Vec<i64>, Vec<i64>) {
    let (named, open): (Vec<&Item>, Vec<&Item>) = items.iter().partition(|item| item.named);
    let ids = |items: Vec<&Item>| items.into_iter().map(|item| item.id).collect();
    (ids(open), ids(named))
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
/// is not shown. False where it was only found by what may not be told of it: that a phone
/// number is somebody's.
fn say_why(item: &mut Item, hit: &Hit, other: Option<&(i64, Json)>) -> bool {
    let may = |matched: &&Matched| !(item.named && **matched == Matched::Phone);
    let words: Vec<_> = hit.matched.iter().filter(may).map(|matched| word(*matched)).collect();
    if words.is_empty() && !hit.matched.is_empty() {
        return false;
    }
    let json = &mut item.json;
    json.pop();
    json.extend_from_slice(format!(",\"matched\":[\"{}\"]", words.join("\",\"")).as_bytes());
    if let Some((_, name)) = other {
        json.extend_from_slice(format!(",\"matched_name\":{name}").as_bytes());
    }
    json.push(b'}');
    true
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
            let mut items = select::these(tx, &ids, &plain, |_| false)?;
            for item in &mut items {
                let Some(found) = found.iter().find(|found| found.id == item.id) else { continue };
                // That a phone number is somebody's is not told of those out of reach.
                let may = |reason: &&&str| !(item.named && **reason == matches::SAME_PHONE);
                let reasons: Vec<&str> = found.reasons.iter().filter(may).copied().collect();
                let reasons = Json::from(reasons);
                item.json.pop();
                let score = found.score;
                item.json.extend_from_slice(
                    format!(",\"score\":{score},\"reasons\":{reasons}}}").as_bytes(),
                );
            }
            let (ids, named) = told_apart(&items);
            let shown = common::shown_on_page(&plain, (&ids, &ids), &named);
            Ok::<_, DirectoryError>((items, shown))
        })
        .await?;
    let items: Vec<Vec<u8>> = items.into_iter().map(|item| item.json).collect();
    Ok(common::whole_list(request, &items))
}
