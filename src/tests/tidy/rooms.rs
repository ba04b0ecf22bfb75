//! Rooms import only rooms above them, and engines stay in the rooms that own them.

use super::source::{self, File, lines_that};

/// The order of the rooms; `lib.rs` declares them in it.
const ROOMS: [&str; 15] = [
    "vocab",
    "observability",
    "config",
    "store",
    "web",
    "platform",
    "access",
    "notify",
    "backup",
    "watch",
    "domain",
    "interop",
    "demo",
    "server",
    "cli",
];

fn product() -> Vec<File> {
    source::rust().into_iter().filter(|file| !file.is_test()).collect()
}

/// The modules that the text of a `mod.rs` or `lib.rs` declares, in order.
fn declared(path: &str) -> Vec<String> {
    let files = source::rust();
    let file = files.iter().find(|file| file.path == path).unwrap();
    let names = file.code.lines().filter_map(|line| line.strip_prefix("pub mod "));
    names.map(|name| name.trim_end_matches(';').to_owned()).collect()
}

/// The names that follow each `prefix` in the code: `prefix::a`, `prefix::{a, b::c}`.
fn named_after(code: &str, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let before = code[..at].chars().next_back().unwrap_or(' ');
        if before.is_alphanumeric() || before == '_' || before == ':' {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        let word = |text: &str| -> String {
            text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
        };
        if let Some(group) = rest.strip_prefix('{') {
            names.extend(top_level(group).iter().map(|item| word(item)));
        } else {
            names.push(word(rest));
        }
    }
    names
}

/// The items of a `{a, b::{c, d}, e}` whose opening brace is gone.
fn top_level(group: &str) -> Vec<String> {
    let (mut depth, mut items) = (0, vec![String::new()]);
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => items.push(String::new()),
            _ => {}
        }
        items.last_mut().unwrap().push(letter);
    }
    items.iter().map(|item| item.trim_start_matches(',').to_owned()).collect()
}

#[test]
fn the_tree_of_uses_is_read_as_it_is_written() {
    let code = "use crate::{access, domain::{patients, records}, web};\nuse crate::store::Store;";
    assert_eq!(named_after(code, "crate::"), ["access", "domain", "web", "store"]);
    assert_eq!(named_after("my_crate::x", "crate::"), Vec::<String>::new());
}

#[test]
fn rooms_import_downwards_only() {
    assert_eq!(declared("src/lib.rs"), ROOMS);
    let rank = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut wrong = Vec::new();
    for file in product() {
        let room = file.path.split('/').nth(1).unwrap();
        let Some(own) = rank(room) else { continue };
        for name in named_after(&file.code, "crate::") {
            if rank(&name).is_some_and(|other| own < other) {
                wrong.push(format!("{} imports {name}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "upward imports:\n{}", wrong.join("\n"));
}

#[test]
fn rooms_of_the_domain_import_downwards_only() {
    let rooms = declared("src/domain/mod.rs");
    let rank = |room: &str| rooms.iter().position(|known| known == room);
    let mut wrong = Vec::new();
    for file in product() {
        let parts: Vec<&str> = file.path.split('/').collect();
        let ["src", "domain", room, rest @ ..] = parts.as_slice() else { continue };
        let Some(own) = rank(room) else { continue };
        let above = if rest == ["mod.rs"] { "super::" } else { "super::super::" };
        let mut names = named_after(&file.code, above);
        names.extend(named_after(&file.code, "crate::domain::"));
        for name in names {
            if rank(&name).is_some_and(|other| own < other) {
                wrong.push(format!("{} imports {name}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "upward imports:\n{}", wrong.join("\n"));
}

#[test]
fn engines_stay_in_the_rooms_that_own_them() {
    let files = product();
    let of = |file: &File, rooms: &[&str]| {
        rooms.iter().any(|room| file.path.starts_with(&format!("src/{room}/")))
    };
    let engine = lines_that(&files, |file, line| {
        ["rusqlite", "r2d2", "libsqlite3"].iter().any(|name| line.contains(name))
            && !of(file, &["store"])
    });
    assert!(engine.is_empty(), "only store names the database engine: {engine:#?}");
    let http = lines_that(&files, |file, line| {
        let speaks_http = file.name() == "api.rs" || file.path.contains("/api/");
        line.contains("actix_web") && !of(file, &["web", "server"]) && !speaks_http
    });
    assert!(http.is_empty(), "only web, server and a room's api name the HTTP kit: {http:#?}");
    let index = lines_that(&files, |file, line| {
        line.contains("tantivy") && !of(file, &["platform/search"])
    });
    assert!(index.is_empty(), "only platform/search names the index: {index:#?}");
}

#[test]
fn the_database_file_is_opened_by_its_engine_alone() {
    // Closing any other handle on it drops the engine's locks.
    let opens = ["File::open", "File::create", "OpenOptions", "fs::read", "fs::copy", "fs::write"];
    let found = lines_that(&product(), |file, line| {
        let names_it = if file.path.starts_with("src/store/") {
            line.contains("database")
        } else {
            line.contains("healthflow.db")
        };
        names_it && opens.iter().any(|open| line.contains(open))
    });
    assert!(found.is_empty(), "{found:#?}");
    let named = lines_that(&product(), |_, line| line.contains("\"healthflow.db"));
    assert_eq!(named.len(), 1, "one place knows the name of the file: {named:#?}");
}
