//! Rows that go into archives and come back: none is lost, whatever ends the program on the way.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::*;
use crate::platform::ledger::custody::archive::FOLDER;

/// The archive of the only stub.
fn archive_of(home: &Home) -> PathBuf {
    home.folder.join(FOLDER).join(&home.stubs()[0].file)
}

/// Prunes all but the newest `kept` of the rows of [`Home::with`].
fn prune(home: &Home, kept: i64) -> Pruned {
    let before = now() - kept * DAY / 24;
    unhindered(|stop| home.custodian.prune(&order(before), stop)).unwrap()
}

#[test]
fn pruned_rows_are_proven_in_their_archive_and_come_back_byte_for_byte() {
    let home = Home::with("round", 2_300);
    let before = home.rows();
    let pruned = prune(&home, 300);
    assert_eq!((pruned.rows, pruned.span, pruned.kept), (2_000, Some((1, 2_000)), None));
    let left = home.rows();
    assert_eq!((left[0].id, left.len()), (2_001, 301), "300, and the one that seals the stub");
    assert_eq!(left[300].act, PRUNE);
    let found = home.verdict();
    assert_eq!((found.flaw, found.rows, found.archives), (None, 2_301, 1));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&archive_of(&home)), 0o600);
        assert_eq!(mode(&home.folder.join(FOLDER)), 0o700);
    }
    let (path, first) = (archive_of(&home), std::fs::read(archive_of(&home)).unwrap());
    let back = unhindered(|stop| home.custodian.restore(&path, &call(), stop)).unwrap();
    assert_eq!((back.rows, back.span), (2_000, (1, 2_000)));
    assert_eq!(home.rows()[..2_300], before[..], "byte for byte");
    assert_eq!(home.stubs(), []);
    assert_eq!(home.flaw(), None);
    let again = unhindered(|stop| home.custodian.restore(&path, &call(), stop)).unwrap_err();
    assert_eq!(again.code(), "audit.not_pruned");
    prune(&home, 300);
    assert_eq!(std::fs::read(&path).unwrap(), first, "the same rows are the same archive");
    // The next piece follows the first, and seals of the first may lie in it.
    let pruned = prune(&home, 100);
    assert_eq!(pruned.span, Some((2_001, 2_200)));
    home.write(|tx| audit::append(tx, &[entry(1, 1)]));
    assert_eq!(home.flaw(), None);
    assert_eq!(home.stubs().len(), 2);
    assert_eq!(home.reopened().flaw(), None);
}

#[test]
fn nothing_younger_than_its_class_is_kept_goes_and_what_ends_it_is_named() {
    let home = Home::with("classes", 480);
    let mut keeps = order(now());
    // Every fourth row is a change.
    keeps.retention.changes_days = 10;
    let pruned = unhindered(|stop| home.custodian.prune(&keeps, stop)).unwrap();
    assert_eq!(pruned.span, Some((1, 243)), "the change of ten days ago is row 244");
    assert_eq!(pruned.kept, Some((244, "changes")));
    let pruned = unhindered(|stop| home.custodian.prune(&keeps, stop)).unwrap();
    assert_eq!((pruned.rows, pruned.file), (0, None), "nothing more to do");
    let all = unhindered(|stop| home.custodian.prune(&order(now() + DAY), stop)).unwrap();
    assert_eq!(all.span.map(|span| span.1), Some(480), "the newest row always stays");
    assert_eq!(home.flaw(), None);
}

#[test]
fn an_archive_or_a_stub_that_is_not_as_it_was_shows() {
    let home = Home::with("harm", 60);
    prune(&home, 20);
    let path = archive_of(&home);
    let whole = std::fs::read(&path).unwrap();
    let text = String::from_utf8(zstd::decode_all(&whole[..]).unwrap()).unwrap();
    let packed = |text: &str| zstd::encode_all(text.as_bytes(), 3).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let without = |gone: usize| {
        let kept = lines.iter().enumerate().filter(|(at, _)| *at != gone);
        kept.map(|(_, line)| *line).collect::<String>()
    };
    for (harm, row) in [
        (Some(packed(&text.replacen("Dr Osei", "Dr Osej", 1))), Some(1)),
        (Some(packed(&without(5))), Some(5)),
        (Some(packed(&without(40))), None),
        (Some(packed(&without(0))), None),
        (Some(packed(&without(41))), None),
        (Some(packed(&format!("{text}{{}}\n"))), None),
        (Some(whole[..whole.len() / 2].to_vec()), None),
        (Some(b"something else".to_vec()), None),
        (None, None),
    ] {
        match &harm {
            Some(bytes) => std::fs::write(&path, bytes).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        assert_eq!(home.flaw(), Some((FlawKind::Archive, row)), "{:?}", home.verdict().flaw);
        let refused = unhindered(|stop| home.custodian.restore(&path, &call(), stop)).unwrap_err();
        assert_eq!(refused.code(), "audit.archive", "{refused}");
        assert_eq!(home.rows().len(), 21, "nothing came back");
        std::fs::write(&path, &whole).unwrap();
    }
    assert_eq!(home.flaw(), None);
    for harm in [
        "UPDATE audit_archive SET hash = x'00'",
        "UPDATE audit_archive SET archived_at = archived_at + 1",
        "UPDATE audit_archive SET seal = x'00'",
        "UPDATE audit_archive SET sealed_by = 45",
        "UPDATE audit_archive SET sealed_by = 4500",
    ] {
        let stub = home.stubs().remove(0);
        home.sql(harm);
        assert_eq!(home.flaw().map(|it| it.0), Some(FlawKind::Stub), "{harm}");
        home.write(move |tx| {
            Stub::remove(tx, 1)?;
            stub.insert(tx)
        });
    }
    home.sql("DELETE FROM audit_archive");
    assert_eq!(home.flaw(), Some((FlawKind::Removed, Some(1))));
}

#[test]
fn a_stub_that_nobody_has_pruned_hides_nothing() {
    let home = Home::with("forged", 60);
    // All that a prune does, but for the row in the chain.
    let mut writing = home.custodian.archives().begin(&[]).unwrap();
    home.rows()[..30].iter().for_each(|row| writing.add(row).unwrap());
    let manifest = home.custodian.archives().finish(writing).unwrap();
    for sealed_by in [31, 61] {
        let stub = Stub { sealed_by, ..Stub::of(&manifest, now()) };
        home.write(move |tx| {
            tx.execute("DELETE FROM audit WHERE id <= 30", &[])?;
            Stub::remove(tx, 1)?;
            stub.insert(tx)
        });
        assert_eq!(home.flaw(), Some((FlawKind::Stub, Some(sealed_by))));
    }
}

#[test]
fn an_archive_of_another_hospital_is_refused_and_named() {
    let (home, other) = (Home::with("here", 60), Home::with("there", 50));
    prune(&home, 20);
    prune(&other, 20);
    let refused = unhindered(|stop| home.custodian.restore(&archive_of(&other), &call(), stop));
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), "audit.foreign_archive");
    assert!(refused.to_string().starts_with("audit-1-30.ndjson.zst is"), "{refused}");
    let nothing = Home::with("nothing", 5);
    let refused = unhindered(|stop| nothing.custodian.restore(&archive_of(&home), &call(), stop));
    assert_eq!(refused.unwrap_err().code(), "audit.not_pruned");
    assert_eq!(nothing.flaw(), None);
}

/// Runs `work` and ends it before its `last`th step; whether it has come to its end.
fn ended_at<T>(last: usize, work: impl FnOnce(Stopping<'_>) -> Result<T, CustodyError>) -> bool {
    let left = Cell::new(last);
    let may = |_: Step| {
        let goes_on = left.get() != 0;
        left.set(left.get().saturating_sub(1));
        goes_on
    };
    match work(Stopping { may: &may, done: &|_| () }) {
        Ok(_) => true,
        Err(CustodyError::Stopped) => false,
        Err(cause) => panic!("{cause}"),
    }
}

#[test]
fn a_prune_that_ends_at_any_step_loses_nothing_and_the_next_goes_on() {
    let mut steps = 0;
    for last in 0.. {
        let home = Home::with("steps", 150);
        let before = home.rows();
        let done = ended_at(last, |stop| home.custodian.prune(&order(now() - 50 * DAY / 24), stop));
        let home = home.reopened();
        assert_eq!(home.flaw(), None, "whole, ended at step {last}");
        prune(&home, 50);
        assert_eq!(home.stubs()[0].state, stubs::StubState::Archived, "{last}");
        assert_eq!(home.rows()[0].id, 101, "{last}");
        assert_eq!(home.flaw(), None, "pruned, ended at step {last}");
        let (path, names) = (archive_of(&home), home.folder.join(FOLDER));
        assert_eq!(std::fs::read_dir(names).unwrap().count(), 1, "nothing lies about");
        unhindered(|stop| home.custodian.restore(&path, &call(), stop)).unwrap();
        assert_eq!(home.rows()[..150], before[..], "{last}");
        steps = last;
        if done {
            break;
        }
    }
    assert!(8 < steps, "{steps}");
}

#[test]
fn a_restore_that_ends_at_any_step_loses_nothing_and_the_next_goes_on() {
    for last in 0.. {
        let home = Home::with("back", 450);
        let before = home.rows();
        prune(&home, 50);
        let path = archive_of(&home);
        let done = ended_at(last, |stop| home.custodian.restore(&path, &call(), stop));
        let home = home.reopened();
        assert_eq!(home.flaw(), None, "whole, ended at step {last}");
        if !done {
            // What is half back may not be another than what was archived.
            if last == 2 {
                home.sql("UPDATE audit SET detail = 'x' WHERE id = 3");
                assert_eq!(home.flaw(), Some((FlawKind::Changed, Some(3))));
                home.sql("DELETE FROM audit WHERE id = 3");
            }
            unhindered(|stop| home.custodian.restore(&path, &call(), stop)).unwrap();
        }
        assert_eq!(home.rows()[..450], before[..], "{last}");
        assert_eq!(home.flaw(), None);
        if done {
            break;
        }
    }
}

#[test]
fn people_write_beside_a_prune_and_the_chain_holds() {
    let home = Home::with("beside", 6_000);
    let (store, stop) = (home.store.clone(), AtomicBool::new(false));
    let written = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let (mut written, mut slowest) = (0, Duration::ZERO);
            while !stop.load(Ordering::Relaxed) || written < 20 {
                let begun = Instant::now();
                let job = |tx: &Tx<'_>| audit::append(tx, &[entry(1, 1)]);
                store.write_blocking::<_, StoreError>(Class::People, job).unwrap();
                (written, slowest) = (written + 1, slowest.max(begun.elapsed()));
            }
            // One job of a prune is a few milliseconds; a machine that is busy has pauses.
            assert!(slowest < Duration::from_secs(2), "{slowest:?}");
            written
        });
        let pruned = prune(&home, 100);
        stop.store(true, Ordering::Relaxed);
        assert_eq!(pruned.rows, 5_900);
        writer.join().unwrap()
    });
    let found = home.verdict();
    assert_eq!((found.flaw, found.rows), (None, 6_001 + written));
}

#[test]
fn a_job_and_a_person_move_rows_one_after_the_other() {
    let home = Home::with("alone", 400);
    let before = now() - 100 * DAY / 24;
    let second = Cell::new(0);
    let may = |_| {
        let other = unhindered(|stop| home.custodian.prune(&order(before), stop)).unwrap_err();
        assert_eq!(other.code(), "audit.busy");
        second.set(second.get() + 1);
        true
    };
    let stop = Stopping { may: &may, done: &|_| () };
    assert_eq!(home.custodian.prune(&order(before), stop).unwrap().rows, 300);
    assert!(0 < second.get());
}

#[test]
fn one_thing_is_done_at_a_time_in_the_background_and_its_proof_is_kept() {
    let home = Home::with("task", 4_500);
    let custodian = &home.custodian;
    assert_eq!(custodian.proof().unwrap(), None);
    let task = custodian.start_verify(Vec::new(), call()).unwrap();
    assert_eq!((task.number, task.running), (1, true));
    let until = Instant::now() + Duration::from_secs(30);
    while custodian.task().running && Instant::now() < until {
        if let Err(refused) = custodian.start_prune(order(0)) {
            assert_eq!(refused.code(), "audit.busy");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let proof = custodian.proof().unwrap().unwrap();
    assert_eq!((proof.whole, proof.row, proof.by.as_str()), (true, 4_500, "Dr Osei"));
    assert_eq!(home.rows().last().unwrap().act, "audit.verify");
    custodian.close();
    assert_eq!(custodian.start_prune(order(0)).unwrap_err().code(), "audit.stopped");
}
