//! No list reads more than one patient's rows to find a page.

use super::api::SECOND;
use crate::access::gate::command_line;
use crate::domain::{ALL, timeline};
use crate::platform::resource::query::{Filter, ListQuery};
use crate::platform::resource::seal::Seal;
use crate::platform::resource::{Column, Resource, Served, Sort, select};
use crate::store::{Store, StoreError, Value};

fn plan(store: &Store, sql: &str) -> Vec<String> {
    store.read(30 * SECOND, |tx| tx.plan(sql)).map_err(|cause: StoreError| cause).unwrap()
}

fn filter(column: &'static Column) -> Filter {
    Filter { column: column.name, value: Value::Int(1), shown: String::new() }
}

/// Every set of filters that callers may send together.
fn filter_sets(resource: &'static Resource) -> Vec<Vec<&'static Column>> {
    let offered: Vec<&Column> =
        resource.all_columns().filter(|column| column.filter != Served::No).collect();
    let sets = (0..1_usize << offered.len()).map(|bits| {
        let chosen = offered.iter().enumerate().filter(|(place, _)| bits >> place & 1 == 1);
        chosen.map(|(_, column)| *column).collect::<Vec<_>>()
    });
    sets.filter(|set| set.iter().all(|column| is_served(column.filter, set))).collect()
}

fn is_served(served: Served, set: &[&Column]) -> bool {
    match served {
        Served::No => false,
        Served::Always => true,
        Served::Within(other) => set.iter().any(|column| column.name == other),
    }
}

#[test]
fn every_filter_and_order_that_is_offered_has_its_index() {
    let store = Store::scratch();
    let seal = Seal::new([0; 32]);
    let mut checked = 0;
    for resource in ALL {
        for set in filter_sets(resource) {
            let sorts = resource.all_columns().filter(|column| is_served(column.sort, &set));
            for column in sorts.map(|column| column.name).chain(["id"]) {
                for descending in [false, true] {
                    let mut query = ListQuery::plain(resource, &command_line(), &seal);
                    query.sort = Sort { column, descending };
                    query.filters = set.iter().map(|column| filter(column)).collect();
                    for sql in select::statements(&query) {
                        check(&store, resource, &set, &sql);
                        checked += 1;
                    }
                }
            }
        }
    }
    assert!(500 < checked, "{checked}");
}

fn check(store: &Store, resource: &Resource, set: &[&Column], sql: &str) {
    let steps = plan(store, sql);
    let told = format!("{sql}\n{steps:#?}");
    // One patient's rows, or the few that share a name or a birth date, may be sorted.
    let sorts = steps.iter().any(|step| step.contains("TEMP B-TREE"));
    assert!(!sorts || !set.is_empty(), "sorts a whole table: {told}");
    let reads: Vec<_> = steps.iter().filter(|step| !step.contains("TEMP B-TREE")).collect();
    assert_eq!(reads.len(), 1, "{told}");
    let narrowed = set.iter().any(|column| column.filter == Served::Always);
    let read = reads[0];
    if narrowed {
        let by = set.iter().any(|column| read.contains(&format!("{}=?", column.name)));
        assert!(read.starts_with("SEARCH") && by, "not narrowed by an index: {told}");
    } else {
        // In the order asked for, so that LIMIT ends it.
        let walks = read.contains("USING INDEX")
            || read.contains("USING COVERING INDEX")
            || read.contains("INTEGER PRIMARY KEY")
            || read == &format!("SCAN {}", resource.table);
        assert!(walks && !sorts, "not in the order of an index: {told}");
    }
}

#[test]
fn a_timeline_reads_only_the_rows_it_shows() {
    let store = Store::scratch();
    let statements = timeline::statements();
    assert_eq!(statements.len(), 14);
    for sql in statements {
        let steps = plan(&store, &sql);
        assert_eq!(steps.len(), 1, "{sql}\n{steps:#?}");
        let narrowed = steps[0].starts_with("SEARCH") && steps[0].contains("(patient_id=?");
        assert!(narrowed, "{sql}\n{steps:#?}");
    }
}

#[test]
fn a_series_reads_the_rows_of_one_patient() {
    let store = Store::scratch();
    for sql in timeline::series_statements() {
        let steps = plan(&store, sql);
        let whole = |step: &String| {
            step.starts_with("SCAN") && !step.contains("json_each") || step.contains("TEMP B-TREE")
        };
        assert!(!steps.iter().any(whole), "{sql}\n{steps:#?}");
        let by_patient = steps.iter().any(|step| step.contains("(patient_id=?"));
        assert!(by_patient, "{sql}\n{steps:#?}");
    }
}
