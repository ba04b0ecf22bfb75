//! The search through its face; every answer is asked of the overlay and of the index.

mod answers;
mod damage;
mod ranking;
mod rebuilding;

use std::path::{Path, PathBuf};

use super::{Answer, Card, Search};

/// Enough for one writer; tests are small.
const HEAP: usize = 32 * 1024 * 1024;

/// What is found when nothing is.
const NOBODY: [i64; 0] = [];

fn named(id: i64, name: &str) -> Card {
    Card { id, names: vec![name.into()], ..Card::default() }
}

/// Somebody who has everything, and others who must not get in the way.
fn bekele() -> Card {
    Card {
        id: 1,
        names: vec!["Bekele Moreau".into(), "Bekele Alcántar".into()],
        identifiers: vec!["HF-0001234-5".into(), "999-12-3456".into()],
        phones: vec!["+251 911 234567".into()],
        birth_date: Some("1963-05-10".into()),
        gone: false,
    }
}

/// The same cards waiting in the overlay, committed, and in an index that was built anew.
fn everywhere(cards: &[Card]) -> [(&'static str, Search); 3] {
    let [waiting, committed, built] = std::array::from_fn(|_| Search::in_memory());
    for card in cards {
        waiting.put(card.clone(), 1);
        committed.put(card.clone(), 1);
    }
    committed.commit(1).unwrap();
    let rebuild = built.begin_rebuild().unwrap();
    rebuild.put(cards).unwrap();
    rebuild.finish(1).unwrap();
    [("waiting", waiting), ("committed", committed), ("built", built)]
}

fn ids(answer: &Answer) -> Vec<i64> {
    answer.hits.iter().map(|hit| hit.id).collect()
}

fn found(search: &Search, text: &str) -> Vec<i64> {
    ids(&search.query(text, 20).unwrap())
}

/// A folder of its own for one test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let unique = format!("healthflow-search-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(unique);
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn open(&self) -> Search {
        Search::open(&self.0, HEAP)
    }

    /// A complete index of these cards at a position, opened.
    fn with(name: &str, cards: &[Card], seq: u64) -> (Self, Search) {
        let folder = Self::new(name);
        let search = folder.open();
        let rebuild = search.begin_rebuild().unwrap();
        rebuild.put(cards).unwrap();
        rebuild.finish(seq).unwrap();
        (folder, search)
    }

    /// Every file of the index, with its path.
    fn files(&self) -> Vec<PathBuf> {
        fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, files);
                } else {
                    files.push(path);
                }
            }
        }
        let mut files = Vec::new();
        walk(&self.0, &mut files);
        files.sort();
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
