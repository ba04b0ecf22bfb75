//! Crashes, damaged files, other versions.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::{Search, SearchError};
use super::{Folder, HEAP, bekele, found, named};

#[test]
fn a_crash_forgets_what_was_not_committed_and_says_from_where_to_replay() {
    let (folder, search) = Folder::with("crash", &[bekele()], 7);
    search.put(named(2, "Amina Osei"), 8);
    search.commit(8).unwrap();
    search.put(named(3, "Chidi Osei"), 9);
    assert_eq!(found(&search, "osei"), [2, 3]);
    // Nothing is closed properly: the writer just stops being there.
    search.close();
    drop(search);

    let reopened = folder.open();
    assert_eq!((reopened.needs_rebuild(), reopened.committed_seq()), (false, 8));
    assert_eq!(found(&reopened, "osei"), [2]);
    reopened.put(named(3, "Chidi Osei"), 9);
    reopened.commit(9).unwrap();
    assert_eq!((found(&reopened, "osei"), reopened.committed_seq()), (vec![2, 3], 9));
}

#[test]
fn a_missing_index_is_rebuilt_while_it_serves() {
    let folder = Folder::new("missing");
    let search = folder.open();
    assert!(search.needs_rebuild());
    search.put(bekele(), 5);
    search.commit(5).unwrap();
    let answer = search.query("bekele", 5).unwrap();
    assert!(answer.rebuilding && answer.hits.len() == 1);
    assert_eq!(search.committed_seq(), 0, "a stopgap does not survive");
    let rebuild = search.begin_rebuild().unwrap();
    rebuild.put(&[bekele(), named(2, "Amina Osei")]).unwrap();
    rebuild.finish(5).unwrap();
    assert_eq!((search.needs_rebuild(), search.committed_seq()), (false, 5));
    assert_eq!((found(&search, "bekele"), found(&search, "amina")), (vec![1], vec![2]));
}

/// Opens a damaged index; it must say so or still answer, and must be repairable.
fn survives(folder: &Folder, what: &str) -> bool {
    let search = folder.open();
    let noticed = search.needs_rebuild();
    for text in ["bekele", "amina", "osie", "1963", "3456"] {
        let answer = search.query(text, 5).unwrap();
        assert!(!noticed || answer.rebuilding, "{what}");
    }
    search.put(named(3, "Chidi Osei"), 100);
    assert_eq!(found(&search, "chidi"), [3], "{what}");
    search.commit(100).unwrap();
    assert_eq!(found(&search, "chidi"), [3], "{what}");
    let noticed = noticed || search.needs_rebuild();
    if noticed {
        assert_eq!(search.committed_seq(), 0, "{what}");
        let rebuild = search.begin_rebuild().unwrap();
        rebuild.put(&[bekele(), named(2, "Amina Osei"), named(3, "Chidi Osei")]).unwrap();
        rebuild.finish(100).unwrap();
    }
    assert_eq!((found(&search, "bekele"), found(&search, "osei")), (vec![1], vec![2, 3]), "{what}");
    assert!(!search.needs_rebuild(), "{what}");
    search.close();
    drop(search);
    let reopened = folder.open();
    assert_eq!((reopened.needs_rebuild(), reopened.committed_seq()), (false, 100), "{what}");
    assert_eq!(found(&reopened, "osei"), [2, 3], "{what}");
    noticed
}

fn damage_each(name: &str, damage: impl Fn(&Path, &[u8])) -> Vec<PathBuf> {
    let cards = [bekele(), named(2, "Amina Osei")];
    let files = {
        let (folder, _search) = Folder::with(name, &cards, 7);
        folder.files()
    };
    let mut unnoticed = Vec::new();
    for nth in 0..files.len() {
        let (folder, search) = Folder::with(name, &cards, 7);
        search.close();
        drop(search);
        // Segments have other names each time; their order by kind of file is the same.
        let Some(file) = folder.files().get(nth).cloned() else { continue };
        let content = fs::read(&file).unwrap();
        damage(&file, &content);
        if !survives(&folder, &file.display().to_string()) {
            unnoticed.push(file);
        }
    }
    unnoticed
}

fn unimportant(file: &Path) -> bool {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    // Locks hold nothing; which files are whose is found out again; the rest of the meta
    // data is text of which a byte may not matter.
    name.ends_with(".lock") || name == ".managed.json" || name == "meta.json"
}

#[test]
fn a_flipped_byte_in_any_file_is_noticed() {
    for at in [0, 1, 2, 3] {
        let unnoticed = damage_each(&format!("flip{at}"), |file, content| {
            let mut flipped = content.to_vec();
            if let Some(byte) = flipped.get_mut(content.len() * at / 4) {
                *byte ^= 0x15;
                fs::write(file, flipped).unwrap();
            }
        });
        let important = unnoticed.into_iter().filter(|file| !unimportant(file));
        assert_eq!(important.collect::<Vec<_>>(), Vec::<PathBuf>::new());
    }
}

#[test]
fn a_truncated_or_missing_file_is_noticed() {
    let half = damage_each("half", |file, content| {
        fs::write(file, &content[..content.len() / 2]).unwrap();
    });
    let empty = damage_each("empty", |file, _| fs::write(file, b"").unwrap());
    let gone = damage_each("gone", |file, _| fs::remove_file(file).unwrap());
    let important = half.into_iter().chain(empty).chain(gone).filter(|file| {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        !name.ends_with(".lock") && name != ".managed.json"
    });
    assert_eq!(important.collect::<Vec<_>>(), Vec::<PathBuf>::new());
}

/// What became of a file that was cut.
struct Cut {
    file: PathBuf,
    noticed: bool,
    /// A page was gone that was read then.
    missed: bool,
}

/// Cuts a file of an index that is being searched to `part` of its length, and mends it.
fn cut_while_serving(nth: usize, part: fn(u64) -> u64) -> Option<Cut> {
    let people = (10..400).map(|id| named(id, &format!("Kofi{id} Mensah{}", id % 7)));
    let cards = people.chain([bekele(), named(2, "Amina Osei")]).collect::<Vec<_>>();
    let (folder, search) = Folder::with(&format!("cut{nth}"), &cards, 7);
    let file = folder.files().get(nth).cloned()?;
    assert_eq!(found(&search, "bekele"), [1]);
    search.notice_loss();
    let length = fs::metadata(&file).unwrap().len();
    let cut = fs::OpenOptions::new().write(true).open(&file).unwrap();
    cut.set_len(part(length)).unwrap();
    for text in ["bekele", "amina", "osie", "1963", "3456", "kofi12", "mensa"] {
        search.query(text, 5).unwrap();
    }
    search.put(named(3, "Chidi Osei"), 100);
    let _ = search.commit(100);
    assert_eq!(found(&search, "chidi"), [3], "{}", file.display());
    search.notice_loss();
    let noticed = search.needs_rebuild();
    let missed = folder.files().iter().any(|file| file.ends_with("lost"));
    if noticed {
        search.commit(100).unwrap();
        let rebuild = search.begin_rebuild().unwrap();
        rebuild.put(&[bekele(), named(2, "Amina Osei"), named(3, "Chidi Osei")]).unwrap();
        rebuild.finish(100).unwrap();
    }
    assert!(!search.needs_rebuild(), "{}", file.display());
    let answers = (found(&search, "bekele"), found(&search, "osei"));
    assert_eq!(answers, (vec![1], vec![2, 3]), "{}", file.display());
    Some(Cut { file, noticed, missed })
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_cut_while_it_is_read_is_noticed_and_the_process_lives() {
    let cuts: [fn(u64) -> u64; 3] = [|_| 0, |length| length / 2, |length| length.saturating_sub(1)];
    let cut_each = |part| (0..).map_while(move |nth| cut_while_serving(nth, part));
    let all = cuts.into_iter().flat_map(cut_each).collect::<Vec<_>>();
    for Cut { file, noticed, .. } in &all {
        // The pointer is read at the next opening only.
        let unread = file.ends_with("current.json") || unimportant(file);
        assert!(*noticed || unread, "{}", file.display());
    }
    assert!(3 * 6 < all.len(), "{} files were cut", all.len());
    assert!(all.iter().any(|cut| cut.missed), "no page was missed");
}

#[test]
fn an_older_or_newer_format_is_rebuilt() {
    for format in ["0", "2", "\"x\""] {
        let (folder, search) = Folder::with("format", &[bekele()], 7);
        search.close();
        drop(search);
        let pointer = folder.0.join("current.json");
        let text = fs::read_to_string(&pointer).unwrap();
        let changed = text.replace("\"format\":1", &format!("\"format\":{format}"));
        assert_ne!(text, changed);
        fs::write(&pointer, changed).unwrap();
        let reopened = folder.open();
        assert_eq!((reopened.needs_rebuild(), reopened.committed_seq()), (true, 0));
        let rebuild = reopened.begin_rebuild().unwrap();
        rebuild.put(&[bekele()]).unwrap();
        rebuild.finish(9).unwrap();
        assert_eq!(found(&reopened, "bekele"), [1]);
        let generations = fs::read_dir(&folder.0).unwrap().flatten();
        let kept = generations.filter(|entry| entry.path().is_dir()).count();
        assert_eq!(kept, 1, "the old generation is removed");
    }
}

#[test]
fn a_folder_that_cannot_be_used_does_not_stop_the_start() {
    let folder = Folder::new("file");
    fs::write(&folder.0, b"not a folder").unwrap();
    let search = Search::open(&folder.0, HEAP);
    assert!(search.needs_rebuild());
    search.put(bekele(), 1);
    search.commit(1).unwrap();
    assert_eq!(found(&search, "bekele"), [1]);
    assert!(matches!(search.begin_rebuild().err(), Some(SearchError::Write { .. })));
    fs::remove_file(&folder.0).unwrap();
}

#[test]
fn a_closed_index_answers_but_takes_nothing_more() {
    let (_folder, search) = Folder::with("closed", &[bekele()], 7);
    let rebuild = search.begin_rebuild().unwrap();
    search.close();
    assert_eq!(found(&search, "bekele"), [1]);
    assert_eq!(search.commit(8), Err(SearchError::Closed));
    assert_eq!(rebuild.put(&[bekele()]), Err(SearchError::Closed));
    assert_eq!(rebuild.finish(9), Err(SearchError::Closed));
    assert!(matches!(search.begin_rebuild().err(), Some(SearchError::Closed)));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_index() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, _search) = Folder::with("owner", &[bekele()], 7);
    let mode = fs::metadata(&folder.0).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}
