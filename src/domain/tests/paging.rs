//! Pages hold every row once, whichever way one turns them, while rows come in between.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::api::House;
use crate::access::gate::command_line;
use crate::domain::patients::{PATIENT, PATIENTS};
use crate::domain::records::{CONDITION, CONDITIONS};
use crate::platform::ledger::{RecordError, Work};
use crate::platform::resource::reader::Reader;
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

/// Gives the condition `id` another day, or takes its day away.
fn set_day(house: &House, id: i64, day: Option<u8>) {
    let job = move |work: &Work<'_>| -> Result<(), RecordError> {
        let onset = day.map(|day| format!("2020-01-{day:02}"));
        let patch = json!({"onset_recorded": onset});
        verbs::amend(work, &CONDITIONS, (id, None), patch.as_object().unwrap())?;
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
        let actor = command_line();
        let seal = self.house.desk.seal().unwrap();
        let query = Reader::new(&CONDITIONS, &actor, seal).list(&parameters).unwrap();
        let page = self.house.desk.peek(&actor, |sight| select::page(sight, &query)).unwrap();
        let body: Json = serde_json::from_slice(&page.body).unwrap();
        let cursor = |way: &str| body["meta"]["cursor"][way].as_str().map(str::to_owned);
        let shown = body["data"].as_array().unwrap().iter();
        let shown: Vec<i64> =
            shown.map(|it| CONDITION.parse(it["id"].as_str().unwrap()).unwrap()).collect();
        assert_eq!(shown, page.ids);
        (page.ids, cursor("next"), cursor("prev"))
    }
}

/// What others do between two pages: rows that come, and rows whose day changes.
type Meanwhile = (Vec<Option<u8>>, Vec<(proptest::sample::Index, Option<u8>)>);

fn meanwhile() -> impl Strategy<Value = Meanwhile> {
    let day = || proptest::option::weighted(0.8, 1_u8..6);
    (
        proptest::collection::vec(day(), 0..3),
        proptest::collection::vec((any::<proptest::sample::Index>(), day()), 0..4),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_does_not_move_is_on_one_page_both_ways_while_others_come_and_move(
        first in proptest::collection::vec(proptest::option::weighted(0.8, 1_u8..6), 2..30),
        changes in proptest::collection::vec(meanwhile(), 1..8),
        limit in 1_usize..7,
        sort in proptest::sample::select(vec!["onset_at", "-onset_at"]),
        backwards in any::<bool>(),
    ) {
        let house = actix_web::rt::System::new().block_on(House::open());
        let patient = patient(&house);
        let filter = vec![
            ("patient_id".to_owned(), patient.clone()),
            ("sort".to_owned(), sort.to_owned()),
        ];
        let pages = Pages { house: &house, filter };
        add(&house, &patient, &first);
        let (before, ..) = pages.turn(None, 200);
        // The way back starts at the last row, which it does not show.
        let mut start = None;
        let mut expected = before.clone();
        if backwards {
            let (_, next, _) = pages.turn(None, before.len() - 1);
            let (last, _, prev) = pages.turn(next.as_deref(), 1);
            prop_assert_eq!(last, [*before.last().unwrap()]);
            start = prev;
            expected.pop();
        }
        let mut changes = changes.into_iter().cycle().take(10);
        let (mut seen, mut moved, mut cursor) = (Vec::new(), Vec::new(), start);
        loop {
            let (ids, next, prev) = pages.turn(cursor.as_deref(), limit);
            seen.extend(ids);
            if let Some((days, moves)) = changes.next() {
                add(&house, &patient, &days);
                for (which, day) in moves {
                    // Also the row at the edge, on which the next page hangs.
                    let id = *which.get(&before);
                    set_day(&house, id, day);
                    moved.push(id);
                }
            }
            let place = if backwards { prev } else { next };
            let Some(place) = place else { break };
            cursor = Some(place);
            prop_assert!(seen.len() < 1_000, "the pages never end");
        }
        for id in expected.iter().filter(|id| !moved.contains(id)) {
            let times = seen.iter().filter(|other| *other == id).count();
            prop_assert_eq!(times, 1, "{} in {:?} of {:?}", id, &seen, &before);
        }
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

#[actix_web::test]
async fn a_page_goes_on_where_its_last_row_was_also_when_that_row_moves_or_goes() {
    let house = House::open().await;
    let patient = patient(&house);
    add(&house, &patient, &[Some(1), Some(2), Some(3), Some(4), Some(5)]);
    let filter = [("patient_id", patient.as_str()), ("sort", "onset_at")];
    let filter = filter.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let pages = Pages { house: &house, filter };
    let (all, ..) = pages.turn(None, 200);
    let (first, next, _) = pages.turn(None, 2);
    assert_eq!(first, all[..2]);
    set_day(&house, all[1], Some(28));
    let (second, ..) = pages.turn(next.as_deref(), 2);
    assert_eq!(second, all[2..4], "the row at the edge moved to the end");
    let gone = all[1];
    let drop = move |tx: &crate::store::Tx<'_>| {
        tx.execute("DELETE FROM history WHERE subject_id = ?1", &[gone.into()])?;
        tx.execute("DELETE FROM condition WHERE id = ?1", &[gone.into()])
    };
    house
        .desk
        .store()
        .write_blocking::<_, crate::store::StoreError>(crate::store::Class::People, drop)
        .unwrap();
    assert_eq!(pages.turn(next.as_deref(), 2).0, all[2..4], "the row at the edge is gone");
}
