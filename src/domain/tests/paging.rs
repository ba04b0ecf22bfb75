//! Pages hold every row once, whichever way one turns them, while rows come in between.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::api::{House, SECOND};
use crate::access::gate::command_line;
use crate::domain::patients::{PATIENT, PATIENTS};
use crate::domain::records::{CONDITION, CONDITIONS};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::query::ListQuery;
use crate::platform::resource::{select, verbs};
use crate::vocab::actor::Call;

/// One condition for each of `days`, on that day of 2020 or without one.
fn add(house: &House, patient: &str, days: &[Option<u8>]) {
    let (patient, days) = (patient.to_owned(), days.to_vec());
    let job = move |work: &Work<'_>| -> Result<(), RecordError> {
        for day in &days {
            let onset = day.map(|day| format!("2020-01-{day:02}"));
            let body =
                json!({"patient_id": patient, "code_text": "Finding", "onset_recorded": onset});
            verbs::create(work, &CONDITIONS, body.as_object().unwrap())?;
        }
        Ok(())
    };
    house.desk.write_blocking(&Call::new(command_line(), "test"), "test", job).unwrap();
}

fn patient(house: &House) -> String {
    let job = |work: &Work<'_>| -> Result<i64, RecordError> {
        let body = json!({"names": [{"family": "Okafor"}]});
        verbs::create(work, &PATIENTS, body.as_object().unwrap())
    };
    let call = Call::new(command_line(), "test");
    PATIENT.show(house.desk.write_blocking(&call, "test", job).unwrap())
}

struct Pages<'a> {
    house: &'a House,
    filter: Vec<(String, String)>,
}

impl Pages<'_> {
    /// The identities on one page, and its cursors.
    fn turn(
        &self,
        cursor: Option<&str>,
        limit: usize,
    ) -> (Vec<i64>, Option<String>, Option<String>) {
        let mut parameters = self.filter.clone();
        parameters.push(("limit".to_owned(), limit.to_string()));
        parameters.extend(cursor.map(|cursor| ("cursor".to_owned(), cursor.to_owned())));
        let query = ListQuery::read(&CONDITIONS, &command_line(), &parameters, &[]).unwrap();
        let page = self
            .house
            .desk
            .store()
            .read(SECOND, |tx| select::page(tx, &CONDITIONS, &query))
            .unwrap();
        let body: Json = serde_json::from_slice(&page.body).unwrap();
        let cursor = |way: &str| body["meta"]["cursor"][way].as_str().map(str::to_owned);
        let shown = body["data"].as_array().unwrap().iter();
        let shown: Vec<i64> =
            shown.map(|it| CONDITION.parse(it["id"].as_str().unwrap()).unwrap()).collect();
        assert_eq!(shown, page.ids);
        (page.ids, cursor("next"), cursor("prev"))
    }
}

fn is_subsequence(few: &[i64], many: &[i64]) -> bool {
    let mut many = many.iter();
    few.iter().all(|id| many.any(|other| other == id))
}

fn days() -> impl Strategy<Value = Vec<Option<u8>>> {
    proptest::collection::vec(proptest::option::weighted(0.7, 1_u8..4), 0..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_row_is_on_one_page_both_ways(
        first in days(),
        later in proptest::collection::vec(days(), 1..6),
        limit in 1_usize..9,
        sort in proptest::sample::select(vec!["onset_at", "-onset_at", "id", "-id", ""]),
        narrowed in any::<bool>(),
    ) {
        let house = actix_web::rt::System::new().block_on(House::open());
        let patient = patient(&house);
        let mut filter = Vec::new();
        if narrowed {
            filter.push(("patient_id".to_owned(), patient.clone()));
        }
        if !sort.is_empty() && (narrowed || sort.ends_with("id")) {
            filter.push(("sort".to_owned(), sort.to_owned()));
        }
        let pages = Pages { house: &house, filter };
        add(&house, &patient, &first);
        let (before, next, prev) = pages.turn(None, 200);
        prop_assert_eq!(before.len(), first.len());
        prop_assert_eq!((next, prev), (None, None));

        let mut later = later.iter().cycle().take(12);
        let (mut seen, mut cursor, mut edge) = (Vec::new(), None::<String>, None);
        loop {
            let (ids, next, prev) = pages.turn(cursor.as_deref(), limit);
            prop_assert_eq!(prev.is_some(), cursor.is_some());
            seen.extend(ids);
            edge = prev.or(edge);
            if let Some(days) = later.next() {
                add(&house, &patient, days);
            }
            let Some(next) = next else { break };
            cursor = Some(next);
        }
        let (now, ..) = pages.turn(None, 200);
        check(&before, &seen, &now)?;

        // Back from the first row of the last page: what lies before it.
        let (before, ..) = pages.turn(None, 200);
        let mut back: Vec<i64> = Vec::new();
        let mut cursor = edge;
        let mut last_page = None;
        while let Some(place) = cursor {
            let (ids, next, prev) = pages.turn(Some(&place), limit);
            prop_assert!(next.is_some());
            last_page.get_or_insert_with(|| next.clone());
            back.splice(0..0, ids);
            if let Some(days) = later.next() {
                add(&house, &patient, days);
            }
            cursor = prev;
        }
        let (now, ..) = pages.turn(None, 200);
        let reached = back.last().and_then(|last| before.iter().position(|id| id == last));
        let before = reached.map_or(&[][..], |last| &before[..=last]);
        check(before, &back, &now)?;
    }
}

/// Everything that was there is seen, nothing twice, all in order.
fn check(before: &[i64], seen: &[i64], now: &[i64]) -> Result<(), TestCaseError> {
    let mut once = seen.to_vec();
    once.sort_unstable();
    once.dedup();
    prop_assert_eq!(once.len(), seen.len(), "a row was shown twice");
    prop_assert!(before.iter().all(|id| seen.contains(id)), "{:?} in {:?}", before, seen);
    prop_assert!(now.len() == 200 || is_subsequence(seen, now), "{:?} in {:?}", seen, now);
    Ok(())
}
