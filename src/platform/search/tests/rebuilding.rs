//! Changes, commits and rebuilds, while queries go on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::super::{Card, Search, SearchError};
use super::{Folder, NOBODY, bekele, found, named};

#[test]
fn a_changed_card_is_found_by_what_it_says_now() {
    let search = Search::in_memory();
    search.put(named(1, "Amina Osei"), 1);
    search.commit(1).unwrap();
    search.put(named(1, "Bintu Osei"), 2);
    for committed in [false, true] {
        assert_eq!((found(&search, "amina"), found(&search, "bintu")), (vec![], vec![1]));
        if !committed {
            search.commit(2).unwrap();
        }
    }
    search.put(Card { id: 1, gone: true, ..Card::default() }, 3);
    for committed in [false, true] {
        assert_eq!((found(&search, "bintu"), found(&search, "osei")), (vec![], vec![]));
        if !committed {
            search.commit(3).unwrap();
        }
    }
    assert_eq!(search.committed_seq(), 3);
}

#[test]
fn what_waits_is_bounded_and_nothing_of_it_is_lost() {
    let search = Search::in_memory();
    let names = ["Amina", "Bintu", "Chidi", "Dede", "Esi"];
    for id in 0..5_000 {
        let name = names[usize::try_from(id).unwrap() % names.len()];
        search.put(named(id, &format!("{name} Osei{id}")), 1);
    }
    assert!(search.overlay().len() < super::super::writing::PENDING_MAX);
    assert_eq!(search.committed_seq(), 0, "no position was claimed");
    for id in [0, 4_095, 4_096, 4_999] {
        assert_eq!(found(&search, &format!("osei{id}"))[0], id);
    }
    assert_eq!(search.query("osei", 1000).unwrap().hits.len(), 1000);
}

#[test]
fn a_position_is_kept_without_a_card_once_it_has_moved_far() {
    let (folder, search) = Folder::with("position", &[bekele()], 10);
    search.commit(20).unwrap();
    assert_eq!(search.committed_seq(), 10);
    search.commit(5_000).unwrap();
    assert_eq!(search.committed_seq(), 5_000);
    search.commit(3).unwrap();
    assert_eq!(search.committed_seq(), 5_000, "a position does not go back");
    search.close();
    drop(search);
    assert_eq!(folder.open().committed_seq(), 5_000);
}

#[test]
fn changes_during_a_rebuild_win_over_what_the_store_said_before() {
    let (folder, search) = Folder::with("changes", &[bekele()], 1);
    let rebuild = search.begin_rebuild().unwrap();
    assert_eq!(search.begin_rebuild().err(), Some(SearchError::RebuildRunning));
    rebuild.put(&[named(1, "Old One"), named(2, "Old Two")]).unwrap();
    search.put(named(1, "New One"), 2);
    search.put(named(3, "New Three"), 3);
    search.put(Card { id: 4, gone: true, ..Card::default() }, 4);
    search.commit(4).unwrap();
    search.put(named(2, "New Two"), 4);
    search.commit(4).unwrap();
    rebuild.put(&[named(3, "Old Three"), named(4, "Old Four"), named(5, "Old Five")]).unwrap();
    search.put(named(5, "New Five"), 5);
    assert!(search.query("new", 5).unwrap().rebuilding);
    rebuild.finish(5).unwrap();
    for _ in 0..2 {
        assert_eq!((found(&search, "new"), found(&search, "old")), (vec![1, 2, 5, 3], vec![]));
        search.commit(6).unwrap();
    }
    assert!(!search.query("new", 5).unwrap().rebuilding);
    assert_eq!(found(&search, "bekele"), NOBODY, "not in the store any more");
    search.close();
    drop(search);
    let reopened = folder.open();
    assert_eq!((found(&reopened, "new").len(), reopened.committed_seq()), (4, 6));
}

#[test]
fn a_rebuild_that_is_given_up_leaves_everything_as_it_was() {
    let (folder, search) = Folder::with("given-up", &[bekele()], 7);
    let before = folder.files().len();
    let rebuild = search.begin_rebuild().unwrap();
    rebuild.put(&[named(2, "Amina Osei")]).unwrap();
    drop(rebuild);
    assert_eq!((found(&search, "bekele"), found(&search, "amina")), (vec![1], vec![]));
    assert!(!search.is_rebuilding());
    assert_eq!(folder.files().len(), before);
    drop(search.begin_rebuild().unwrap());
}

#[test]
fn queries_never_miss_a_card_while_commits_and_rebuilds_go_on() {
    let everybody = (0..300).map(|id| named(id, &format!("Osei N{id}"))).collect::<Vec<_>>();
    let (_folder, search) = Folder::with("meanwhile", &everybody, 1);
    let stop = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let asking = threads.spawn(|| {
            let mut asked = 0;
            while !stop.load(Ordering::Relaxed) {
                let nth = asked % 300;
                assert_eq!(found(&search, &format!("osei n{nth}")).first(), Some(&nth));
                assert_eq!(search.query("osei", 500).unwrap().hits.len(), 300);
                asked += 1;
            }
            asked
        });
        let until = Instant::now() + Duration::from_millis(1_500);
        let mut seq = 2;
        while Instant::now() < until && !asking.is_finished() {
            let rebuild = search.begin_rebuild().unwrap();
            for cards in everybody.chunks(60) {
                rebuild.put(cards).unwrap();
                search.put(cards[0].clone(), seq);
                search.commit(seq).unwrap();
                seq += 1;
            }
            rebuild.finish(seq).unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        assert!(0 < asking.join().unwrap());
    });
    assert!(!search.needs_rebuild());
}

#[test]
fn an_index_that_was_removed_from_the_disk_is_noticed_and_answers_until_it_is_rebuilt() {
    let cards = [bekele(), named(2, "Amina Osei")];
    let (folder, search) = Folder::with("removed", &cards, 7);
    search.notice_loss();
    assert!(!search.needs_rebuild());
    std::fs::remove_dir_all(&folder.0).unwrap();
    search.notice_loss();
    assert!(search.needs_rebuild());
    assert_eq!(found(&search, "bekele"), [1]);
    let rebuild = search.begin_rebuild().unwrap();
    rebuild.put(&cards).unwrap();
    rebuild.finish(7).unwrap();
    search.notice_loss();
    assert!(!search.needs_rebuild());
    search.put(named(3, "Chidi Osei"), 8);
    search.commit(8).unwrap();
    search.close();
    drop(search);
    assert_eq!(found(&folder.open(), "osei"), [2, 3]);
}
