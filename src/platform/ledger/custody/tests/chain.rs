//! Whatever is done to rows, stubs, archives and anchors shows, and is named.

use super::*;
use crate::platform::ledger::chain::Link;

/// Moves the rows from `id` on by `by`.
fn renumbered(home: &Home, id: i64, by: i64) {
    home.write(move |tx| {
        tx.execute("UPDATE audit SET id = -id WHERE ?1 <= id", &[id.into()])?;
        tx.execute("UPDATE audit SET id = -id + ?1 WHERE id < 0", &[by.into()]).map(|_| ())
    });
}

/// Puts the row `of` with all its columns in the place `at`.
fn copied(home: &Home, of: i64, at: i64) {
    home.write(move |tx| {
        let row = rows::between(tx, (of, of), 1)?.remove(0);
        audit::insert(tx, &row.link_as(at), &row.hash)
    });
}

/// Exchanges two rows, with their hashes or without.
fn exchanged(home: &Home, (one, other): (i64, i64), with_hashes: bool) {
    home.write(move |tx| {
        let mut both = rows::between(tx, (one, other), i64::MAX)?;
        let (mut last, mut first) = (both.pop().unwrap(), both.swap_remove(0));
        if !with_hashes {
            std::mem::swap(&mut first.hash, &mut last.hash);
        }
        let ends = [one.into(), other.into()];
        tx.execute("DELETE FROM audit WHERE id IN (?1, ?2)", &ends)?;
        audit::insert(tx, &first.link_as(other), &first.hash)?;
        audit::insert(tx, &last.link_as(one), &last.hash)
    });
}

/// Makes the chain anew from row `id` on, as somebody would who knows how.
fn forged_from(home: &Home, id: i64) {
    home.write(move |tx| {
        let all = rows::between(tx, (1, i64::MAX), i64::MAX)?;
        let mut before = Vec::new();
        for row in all {
            let hash = row.link().hash(&before).to_vec();
            before = if row.id < id { row.hash } else { hash };
            let sql = "UPDATE audit SET hash = ?2 WHERE id = ?1";
            tx.execute(sql, &[row.id.into(), Value::Blob(before.clone())])?;
        }
        Ok(())
    });
}

#[test]
fn what_is_changed_removed_reordered_or_inserted_is_named() {
    use FlawKind::{Changed, Inserted, Removed, Reordered};
    type Harm = fn(&Home);
    let cases: &[(&str, Harm, FlawKind, i64)] = &[
        ("detail", |it| it.sql("UPDATE audit SET detail = 'x' WHERE id = 2001"), Changed, 2_001),
        ("no detail", |it| it.sql("UPDATE audit SET detail = '' WHERE id = 81"), Changed, 81),
        ("patient", |it| it.sql("UPDATE audit SET patient_id = 1 WHERE id = 900"), Changed, 900),
        (
            "moved bytes",
            |it| {
                it.sql(
                    "UPDATE audit SET actor_name = 'Dr Ose', act = 'ipatients.read' WHERE id = 81",
                );
            },
            Changed,
            81,
        ),
        ("role", |it| it.sql("UPDATE audit SET role = 'nurse' WHERE id = 4"), Changed, 4),
        ("address", |it| it.sql("UPDATE audit SET address = NULL WHERE id = 4"), Changed, 4),
        ("reason", |it| it.sql("UPDATE audit SET reason = 'other' WHERE id = 4"), Changed, 4),
        ("count", |it| it.sql("UPDATE audit SET count = 1 WHERE id = 6"), Changed, 6),
        ("last", |it| it.sql("UPDATE audit SET last_at = last_at + 1 WHERE id = 6"), Changed, 6),
        ("form", |it| it.sql("UPDATE audit SET form = 1 WHERE id = 6"), Changed, 6),
        ("request", |it| it.sql("UPDATE audit SET request_id = NULL WHERE id = 6"), Changed, 6),
        ("hash", |it| it.sql("UPDATE audit SET hash = x'00' WHERE id = 6"), Changed, 6),
        ("last row", |it| it.sql("UPDATE audit SET at = 0 WHERE id = 2100"), Changed, 2_100),
        ("first gone", |it| it.sql("DELETE FROM audit WHERE id = 1"), Removed, 1),
        ("one gone", |it| it.sql("DELETE FROM audit WHERE id = 7"), Removed, 7),
        ("many gone", |it| it.sql("DELETE FROM audit WHERE id BETWEEN 9 AND 2050"), Removed, 9),
        (
            "one gone, others moved up",
            |it| {
                it.sql("DELETE FROM audit WHERE id = 2000");
                renumbered(it, 2_001, -1);
            },
            Removed,
            2_000,
        ),
        (
            "some gone, others moved up",
            |it| {
                it.sql("DELETE FROM audit WHERE id BETWEEN 10 AND 49");
                renumbered(it, 50, -40);
            },
            Removed,
            10,
        ),
        (
            "one inserted",
            |it| {
                renumbered(it, 11, 1);
                copied(it, 5, 11);
            },
            Inserted,
            11,
        ),
        ("before the first", |it| copied(it, 1, 0), Inserted, 0),
        ("neighbours", |it| exchanged(it, (5, 6), true), Reordered, 5),
        ("far apart", |it| exchanged(it, (5, 90), true), Reordered, 5),
        ("with the hashes left", |it| exchanged(it, (1_999, 2_090), false), Reordered, 1_999),
    ];
    let home = Home::with("rows", 2_100);
    assert_eq!(home.flaw(), None);
    assert_eq!(home.verdict().rows, 2_100);
    let whole = home.rows();
    for (name, harm, kind, row) in cases {
        harm(&home);
        let found = home.verdict();
        let flaw = found.flaw.clone().unwrap_or_else(|| panic!("{name} does not show"));
        assert_eq!((flaw.kind, flaw.row), (*kind, Some(*row)), "{name}: {}", flaw.told);
        assert!(flaw.told.contains(&row.to_string()), "{name}: {}", flaw.told);
        assert!(found.rows < *row || found.rows == 0, "{name}");
        let back = whole.clone();
        home.write(move |tx| {
            tx.execute("DELETE FROM audit", &[])?;
            back.iter().try_for_each(|row| audit::insert(tx, &row.link(), &row.hash))
        });
        assert_eq!(home.flaw(), None, "{name} is undone");
    }
}

#[test]
fn rows_cut_off_and_a_chain_made_anew_show_by_the_anchors() {
    let home = Home::with("anchors", 100);
    assert_eq!(home.custodian.anchor().unwrap().unwrap().id, 100);
    home.write(|tx| audit::append(tx, &[entry(1, 1), entry(2, 2)]));
    let newest = home.custodian.anchor().unwrap().unwrap();
    assert_eq!(home.custodian.anchor().unwrap().as_ref(), Some(&newest), "nothing new to note");
    let found = home.verdict();
    assert_eq!((found.flaw, found.anchors, found.rows), (None, 2, 102));
    let kept = home.rows();
    home.sql("DELETE FROM audit WHERE 101 < id");
    assert_eq!(home.flaw(), Some((FlawKind::CutOff, Some(102))));
    // Filled up with other rows.
    home.write(|tx| audit::append(tx, &[entry(4, 4), entry(5, 5)]));
    assert_eq!(home.flaw(), Some((FlawKind::Anchor, Some(102))));
    home.sql("DELETE FROM audit WHERE 101 < id");
    home.write(move |tx| audit::insert(tx, &kept[101].link(), &kept[101].hash));
    assert_eq!(home.flaw(), None);
    home.sql("UPDATE audit SET actor_name = 'Nobody' WHERE id = 50");
    forged_from(&home, 50);
    assert_eq!(home.flaw(), Some((FlawKind::Anchor, Some(100))));
    // Whoever does that takes the file along; the line on paper stays.
    std::fs::remove_file(home.folder.join(anchors::FILE)).unwrap();
    assert_eq!(home.flaw(), None);
    let printed = Anchor::parse(&newest.line()).unwrap();
    let found = home.custodian.verify(vec![printed], &|_, _| true).unwrap();
    assert_eq!(found.flaw.map(|flaw| flaw.kind), Some(FlawKind::Anchor));
}

#[test]
fn an_anchor_that_was_changed_or_is_none_shows() {
    let home = Home::with("lines", 20);
    home.custodian.anchor().unwrap();
    let file = home.folder.join(anchors::FILE);
    let text = std::fs::read_to_string(&file).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    for (changed, kind) in [
        (text.replace(" 20 ", " 19 "), FlawKind::Anchor),
        (text.replace(" 20 ", " 21 "), FlawKind::CutOff),
        (text.replace("healthflow-audit", "healthflow audit"), FlawKind::Anchor),
    ] {
        std::fs::write(&file, &changed).unwrap();
        assert_eq!(home.flaw().map(|flaw| flaw.0), Some(kind), "{changed}");
    }
    std::fs::write(&file, text.trim_end()).unwrap();
    assert_eq!(home.flaw(), None, "a line that a power cut left without its end");
}

#[test]
fn an_anchor_is_noted_once_a_day() {
    let home = Home::with("daily", 3);
    let anchors = Anchors::of(&home.folder);
    let noted = || anchors.read().unwrap().anchors.len();
    let at = |hours: i64| now() + hours * DAY / 24;
    anchors.note_daily(&home.store, at(0)).unwrap();
    home.write(|tx| audit::append(tx, &[entry(1, 1)]));
    anchors.note_daily(&home.store, at(11)).unwrap();
    assert_eq!(noted(), 1);
    anchors.note_daily(&home.store, at(12)).unwrap();
    assert_eq!(noted(), 2, "another day");
    anchors.note_daily(&home.store, at(36)).unwrap();
    assert_eq!(noted(), 2, "nothing has happened since");
}

/// A row as it was written before migration 7.
fn old_row(id: i64) -> Link<'static> {
    Link {
        id,
        form: 1,
        at: id,
        last_at: None,
        count: 1,
        actor_id: (id % 2 == 0).then_some(id),
        actor_name: "Ama",
        role: None,
        address: None,
        act: "patients.read",
        outcome: "done",
        subject_kind: "patient",
        subject_id: Some(id),
        patient_id: None,
        reason: None,
        request_id: Some("-"),
        detail: None,
    }
}

#[test]
fn rows_from_before_keep_their_rule_and_the_chain_goes_on_over_the_boundary() {
    let home = Home::new("forms");
    home.write(|tx| {
        let mut before = Vec::new();
        for id in 1..=10 {
            before = old_row(id).hash(&before).to_vec();
            audit::insert(tx, &old_row(id), &before)?;
        }
        audit::append(tx, &[entry(1, 2), entry(2, 2)])
    });
    assert_eq!(home.flaw(), None);
    let golden = "1b00";
    assert_eq!(hex(&home.rows()[0].hash)[..4], *golden, "the rule of form 1 never changes");
    for (harm, row) in [
        ("UPDATE audit SET role = 'nurse' WHERE id = 4", 4),
        ("UPDATE audit SET reason = '' WHERE id = 4", 4),
        ("UPDATE audit SET count = 2 WHERE id = 4", 4),
        ("UPDATE audit SET at = 5 WHERE id = 4", 4),
        ("UPDATE audit SET form = 2 WHERE id = 4", 4),
        ("UPDATE audit SET form = 1 WHERE id = 11", 11),
    ] {
        let kept = home.rows();
        home.sql(harm);
        assert_eq!(home.flaw(), Some((FlawKind::Changed, Some(row))), "{harm}");
        home.write(move |tx| {
            tx.execute("DELETE FROM audit", &[])?;
            kept.iter().try_for_each(|row| audit::insert(tx, &row.link(), &row.hash))
        });
    }
    // One that says less than rows say now, and is chained by the older rule.
    home.write(|tx| {
        let before = rows::newest(tx)?.unwrap().1;
        audit::insert(tx, &old_row(13), &old_row(13).hash(&before))
    });
    assert_eq!(home.flaw(), Some((FlawKind::Changed, Some(13))));
}

/// The table as it was before migration 7.
const BEFORE: &str = "CREATE TABLE audit (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, \
    actor_id INTEGER, actor_name TEXT NOT NULL, act TEXT NOT NULL, \
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused')), subject_kind TEXT NOT NULL, \
    subject_id INTEGER, patient_id INTEGER, request_id TEXT, detail TEXT, hash BLOB NOT NULL) \
    STRICT; \
    CREATE INDEX audit_patient ON audit (patient_id, id) WHERE patient_id IS NOT NULL; \
    CREATE INDEX audit_actor ON audit (actor_id, id) WHERE actor_id IS NOT NULL";

#[test]
fn the_migration_leaves_old_rows_whole_and_the_next_row_follows_them() {
    let home = Home::new("migrated");
    home.sql("DROP TABLE audit; DROP TABLE audit_archive");
    home.sql(BEFORE);
    home.write(|tx| {
        let mut before = Vec::new();
        for id in 1..=50 {
            let row = old_row(id);
            before = row.hash(&before).to_vec();
            let sql = "INSERT INTO audit (id, at, actor_id, actor_name, act, outcome, \
                subject_kind, subject_id, request_id, hash) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
            let params = [
                id.into(),
                row.at.into(),
                row.actor_id.into(),
                row.actor_name.into(),
                row.act.into(),
                row.outcome.into(),
                row.subject_kind.into(),
                row.subject_id.into(),
                row.request_id.into(),
                Value::Blob(before.clone()),
            ];
            tx.execute(sql, &params)?;
        }
        Ok(())
    });
    let migration = include_str!("../../../../../migrations/0007_audit.sql");
    home.write(move |tx| {
        let lines = migration.lines().filter(|line| !line.trim_start().starts_with("--"));
        let text = lines.collect::<Vec<_>>().join("\n");
        let all = text.split(';').map(str::trim).filter(|one| !one.is_empty());
        all.map(str::to_owned).try_for_each(|one| tx.execute(&one, &[]).map(|_| ()))
    });
    home.write(|tx| audit::append(tx, &[entry(1, 1)]));
    let found = home.verdict();
    assert_eq!((found.flaw, found.rows), (None, 51));
    let forms: Vec<i64> = home.rows().iter().map(|row| row.form).collect();
    assert_eq!((forms[49], forms[50]), (1, 2));
    // Old rows go into an archive and come back like any others.
    let pruned = unhindered(|stop| home.custodian.prune(&order(now() - DAY), stop)).unwrap();
    assert_eq!((pruned.span, home.flaw()), (Some((1, 50)), None));
    let path = home.custodian.archives().path(&pruned.file.unwrap());
    unhindered(|stop| home.custodian.restore(&path, &call(), stop)).unwrap();
    assert_eq!(home.flaw(), None);
    home.sql("UPDATE audit SET role = 'nurse' WHERE id = 30");
    assert_eq!(home.flaw(), Some((FlawKind::Changed, Some(30))));
}
