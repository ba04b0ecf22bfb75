//! Length, names and words of files.

use super::source::{self, File, lines_that};

/// Lines that a file may have.
const LINES_MAX: usize = 400;
/// Characters that a line may have.
const WIDTH_MAX: usize = 100;

/// Names that say nothing about what is inside.
const NAMELESS: [&str; 5] = ["util", "common", "helper", "misc", "shared_stuff"];

/// Words that a finished text does not need.
const BANNED: [&str; 8] =
    ["TODO", "FIXME", "XXX", "HACK", "lorem ipsum", "whitelist", "blacklist", "unimplemented!"];

fn ours() -> Vec<File> {
    let mut all = source::rust();
    all.extend(source::scripts());
    all.extend(source::files("src", "js"));
    all.extend(source::files("assets", "css"));
    all
}

#[test]
fn files_are_short_enough_to_be_read() {
    let mut wrong = Vec::new();
    for file in ours() {
        let lines = file.text.lines().count();
        if LINES_MAX < lines {
            wrong.push(format!("{} has {lines} lines", file.path));
        }
    }
    assert!(wrong.is_empty(), "split by subject: {wrong:#?}");
}

#[test]
fn lines_fit_the_page() {
    let mut wrong = Vec::new();
    for file in source::rust() {
        for (number, line) in file.text.lines().enumerate() {
            // A sample of somebody else's format is best read as it comes.
            let sample = file.is_test() && line.contains('"');
            if WIDTH_MAX < line.chars().count() && !sample {
                wrong.push(format!("{}:{}", file.path, number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "longer than {WIDTH_MAX} characters: {wrong:#?}");
}

#[test]
fn names_say_what_is_inside() {
    let all = ours();
    let nameless = all.iter().filter(|file| {
        let parts = file.path.split('/').map(|part| part.split('.').next().unwrap());
        parts.into_iter().any(|part| NAMELESS.iter().any(|word| part.starts_with(word)))
    });
    let nameless: Vec<&str> = nameless.map(|file| file.path.as_str()).collect();
    assert!(nameless.is_empty(), "{nameless:?}");
}

#[test]
fn no_word_is_left_that_a_finished_text_does_not_need() {
    let own = "src/tests/tidy/files.rs";
    let mut wrong = Vec::new();
    for file in ours().iter().filter(|file| file.path != own) {
        for (number, line) in file.text.lines().enumerate() {
            if let Some(word) = BANNED.iter().find(|word| line.contains(**word)) {
                wrong.push(format!("{}:{}: {word}", file.path, number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_product_never_unwraps() {
    let files = source::rust();
    let product: Vec<File> = files.into_iter().filter(|file| !file.is_test()).collect();
    let found = lines_that(&product, |_, line| line.contains(".unwrap()"));
    assert!(found.is_empty(), "{found:#?}");
    let silenced = lines_that(&product, |_, line| line.contains("allow(clippy::unwrap_used"));
    assert!(silenced.is_empty(), "{silenced:#?}");
}

#[test]
fn every_source_file_says_first_what_it_is() {
    let silent = source::rust().into_iter().filter(|file| {
        !file.text.starts_with("//!") && !file.text.starts_with("#![doc = include_str!(")
    });
    let silent: Vec<String> = silent.map(|file| file.path).collect();
    assert!(silent.is_empty(), "no //! at the top: {silent:#?}");
}

#[test]
fn migrations_are_numbered_without_gaps() {
    let files = source::files("migrations", "sql");
    for (index, file) in files.iter().enumerate() {
        let number = format!("{:04}_", index + 1);
        assert!(file.name().starts_with(&number), "{} should start with {number}", file.path);
        let list = include_str!("../../store/migrate.rs");
        let name = format!("\"{}\"", file.name().trim_end_matches(".sql"));
        assert!(list.contains(&name), "{name} is not in the list of migrations");
    }
}

#[test]
fn every_table_is_strict() {
    for file in source::files("migrations", "sql") {
        let text = &file.text;
        for (at, _) in text.match_indices("CREATE TABLE ") {
            let statement = text[at..].split(';').next().unwrap();
            let end = statement.rsplit(')').next().unwrap();
            assert!(end.contains("STRICT"), "{}", statement.lines().next().unwrap());
        }
    }
}
