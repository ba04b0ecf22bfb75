//! The source as text.

use std::path::Path;

/// One file of the repository.
#[derive(Debug)]
pub(crate) struct File {
    /// From the root of the repository, with `/`.
    pub(crate) path: String,
    /// All of it.
    pub(crate) text: String,
    /// Without comments and without the tests at its bottom.
    pub(crate) code: String,
}

impl File {
    /// Whether all of it is tests.
    pub(crate) fn is_test(&self) -> bool {
        let inside = ["/tests/", "/build/"].iter().any(|part| self.path.contains(part));
        inside || self.path.ends_with("tests.rs")
    }

    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// Every Rust file of the program and its tests.
pub(crate) fn rust() -> Vec<File> {
    files("src", "rs")
}

/// Every script of the page that is ours.
pub(crate) fn scripts() -> Vec<File> {
    files("assets", "js")
}

/// The files below `folder` with this ending, in order.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<File> {
    let mut found = Vec::new();
    gather(folder, ending, &mut found);
    assert!(!found.is_empty(), "{folder} has files that end in {ending}");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn gather(folder: &str, ending: &str, found: &mut Vec<File>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{folder}/{name}");
        if entry.file_type().unwrap().is_dir() {
            // Other people's code.
            if !["vendor", "node_modules"].contains(&name.as_str()) {
                gather(&path, ending, found);
            }
        } else if name.ends_with(&format!(".{ending}")) {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let code = code(&text, ending);
            found.push(File { path, text, code });
        }
    }
}

/// `text` without the comments that fill a line and, in Rust, without what follows the first
/// module of tests. Line numbers stay as they are.
fn code(text: &str, ending: &str) -> String {
    let bottom = text.find("#[cfg(test)]\nmod ").filter(|at| {
        let module = text[*at..].lines().nth(1).unwrap_or_default();
        ending == "rs" && module.ends_with('{')
    });
    let is_comment = |line: &str| {
        let line = line.trim_start();
        line.starts_with("//") || line.starts_with("* ") || line.starts_with("/*")
    };
    let kept = text[..bottom.unwrap_or(text.len())].lines();
    let mut code = String::with_capacity(text.len());
    for line in kept {
        code.push_str(if is_comment(line) { "" } else { line });
        code.push('\n');
    }
    code
}

/// `path:line: text` of each line of `code` that `wrong` says something about.
pub(crate) fn lines_that(files: &[File], wrong: impl Fn(&File, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        for (number, line) in file.code.lines().enumerate() {
            if wrong(file, line) {
                found.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    found
}
