//! Prepares the web UI for the executable: checks every import, vendored file and size, hashes
//! the whole, and writes each file raw, gzipped and brotli-compressed into `OUT_DIR/ui`.
//!
//! Nothing is bundled: what runs in the browser is what stands in `assets/`.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::pack::{Sizes, write_all};

/// Raw bytes that one file may have; a longer one wants to be two files.
const FILE_MAX: usize = 32 * 1024;
/// The same for a message catalogue, and for the chart library, which is loaded on demand.
const CATALOGUE_MAX: usize = 64 * 1024;
/// Compressed bytes of the first load: page, styles, messages, and the modules that `main.js`
/// imports statically.
const START_GZIP_MAX: usize = 150 * 1024;
const START_BROTLI_MAX: usize = 120 * 1024;
/// All files together, compressed with brotli.
const ALL_BROTLI_MAX: usize = 450 * 1024;

/// Style sheets in the order in which their layers are declared; the rest follow by name.
const STYLES_FIRST: [&str; 8] = [
    "css/tokens.css",
    "css/base.css",
    "css/controls.css",
    "css/parts.css",
    "css/overlays.css",
    "css/shell.css",
    "css/clinical.css",
    "css/record-frame.css",
];
const MAIN: &str = "app/main.js";
/// The languages of the UI, with the way they are written; the first is for everybody else.
const LANGUAGES: [(&str, &str); 3] = [("en", "ltr"), ("fr", "ltr"), ("ar", "rtl")];
/// Catalogue files of a language: the frame's, the door's, the record's, the audit's, and that of
/// who looks after people and the server.
const CATALOGUES: [&str; 4] = ["", ".door", ".record", ".audit"];
/// Those that come with the screens of those who look after the system.
const CATALOGUES_LATER: [&str; 3] = [".admin", ".notify", ".system"];

pub(crate) type Files = BTreeMap<String, Vec<u8>>;
pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

pub(crate) fn embed() -> Outcome<()> {
    println!("cargo:rerun-if-changed=assets");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    let mut files = Files::new();
    collect(Path::new("assets"), "", &mut files)?;
    let mut wrong = check_vendored(&files)?;
    wrong.extend(check_languages(&files));
    wrong.extend(check_imports(&files));
    wrong.extend(check_sizes(&files));
    if !wrong.is_empty() {
        return Err(format!("the web UI cannot be built:\n  {}", wrong.join("\n  ")).into());
    }
    let template = files.remove("index.html").ok_or("assets/index.html is missing")?;
    let hash = hash_of(&files, &template);
    let start = closure(MAIN, &files);
    let template = String::from_utf8(template)?;
    for language in LANGUAGES {
        let index = fill(&template, &hash, &files, &start, language);
        files.insert(format!("index.{}.html", language.0), index.into_bytes());
    }
    let sizes = write_all(&files, &out)?;
    check_budget(&sizes, &start)?;
    let routes = routes_of(&text(&files, "app/routes.js"));
    fs::write(out.join("ui_build.rs"), generated(&hash, &routes))?;
    Ok(())
}

/// Reads what is served: not the development folder, not types.
fn collect(folder: &Path, prefix: &str, files: &mut Files) -> Outcome<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let is_aside = ["dev", "types", "monitoring"].contains(&path.as_str());
        if is_aside || name.starts_with('.') || name.ends_with(".d.ts") {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.insert(path, fs::read(entry.path())?);
        }
    }
    Ok(())
}

fn text(files: &Files, path: &str) -> String {
    files.get(path).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
}

/// Compares every vendored file with the sum that was noted when it was fetched.
fn check_vendored(files: &Files) -> Outcome<Vec<String>> {
    let noted = text(files, "vendor/VENDOR.toml");
    let mut sums = BTreeMap::new();
    let mut name = String::new();
    for line in noted.lines() {
        if let Some(header) = line.strip_prefix("[\"").and_then(|rest| rest.strip_suffix("\"]")) {
            header.clone_into(&mut name);
        } else if let Some(sum) = line.strip_prefix("sha256 = \"") {
            sums.insert(name.clone(), sum.trim_end_matches('"').to_owned());
        }
    }
    if sums.is_empty() {
        return Err("assets/vendor/VENDOR.toml names no file".into());
    }
    let code = |path: &str| path.ends_with(".js") || path.ends_with(".css");
    let mut wrong = Vec::new();
    for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with("vendor/")) {
        let name = path.trim_start_matches("vendor/");
        match sums.remove(name) {
            Some(sum) if sum == hex(&Sha256::digest(bytes)) => {}
            Some(_) => wrong.push(format!("{path}: differs from the sha256 in VENDOR.toml")),
            None if code(path) => wrong.push(format!("{path}: is not in VENDOR.toml")),
            None => {}
        }
    }
    wrong.extend(sums.keys().map(|name| format!("vendor/{name}: is missing")));
    Ok(wrong)
}

/// Every language has every catalogue, and every catalogue belongs to a language.
fn check_languages(files: &Files) -> Vec<String> {
    let later = |code| CATALOGUES_LATER.map(|part| format!("i18n/{code}{part}.json"));
    let known: BTreeSet<String> = LANGUAGES
        .iter()
        .flat_map(|(code, _)| catalogues(code).into_iter().chain(later(code)))
        .collect();
    let there = files.keys().filter(|path| path.starts_with("i18n/")).cloned().collect();
    let wrong = known.symmetric_difference(&there);
    wrong.map(|path| format!("{path}: languages in src/build/ui.rs and in i18n/ differ")).collect()
}

/// Every specifier must be relative and lead to a file that is there; only `lib/ui.js` may
/// reach into `vendor`.
fn check_imports(files: &Files) -> Vec<String> {
    let mut wrong = Vec::new();
    for path in files.keys().filter(|path| path.ends_with(".js")) {
        let vendored = path.starts_with("vendor/");
        for import in imports(&text(files, path), vendored) {
            let target = resolve(path, &import.to);
            if !import.to.starts_with('.') {
                wrong.push(format!("{path}: bare specifier {:?}", import.to));
            } else if !files.contains_key(&target) {
                wrong.push(format!("{path}: imports {target}, which does not exist"));
            } else if target.starts_with("vendor/") && !vendored && path != "lib/ui.js" {
                wrong.push(format!("{path}: only lib/ui.js imports from vendor"));
            }
        }
    }
    wrong
}

struct Import {
    to: String,
    lazy: bool,
}

/// Specifiers of `import`, `export … from`, `import()` and `new URL(…, import.meta.url)`.
/// Minified files have no line structure, so there every `from"` counts.
fn imports(source: &str, minified: bool) -> Vec<Import> {
    let mut found = Vec::new();
    for line in without_comments(source).lines() {
        let line = line.trim_start();
        let statement = ["import ", "export ", "} from"].iter().any(|at| line.starts_with(at));
        let mut heads: Vec<(&str, bool)> = vec![("import(", true), ("new URL(", true)];
        if statement || minified {
            heads.extend([("from ", false), ("from", false), ("import ", false)]);
        }
        for (head, lazy) in heads {
            for (at, _) in line.match_indices(head) {
                let rest = &line[at + head.len()..];
                let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
                    continue;
                };
                if let Some(end) = rest[1..].find(quote) {
                    found.push(Import { to: rest[1..=end].to_owned(), lazy });
                }
            }
        }
    }
    found
}

/// Drops block comments (types in them name files too) and whole-line comments.
fn without_comments(source: &str) -> String {
    let mut kept = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(start) = rest.find("/**") {
        kept.push_str(&rest[..start]);
        rest = rest[start..].find("*/").map_or("", |end| &rest[start + end + 2..]);
    }
    kept.push_str(rest);
    let code = |line: &&str| !line.trim_start().starts_with("//");
    kept.lines().filter(code).collect::<Vec<_>>().join("\n")
}

/// The path that a relative specifier in `from` leads to.
fn resolve(from: &str, to: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in to.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// All modules that are needed before the first one runs, in the order of first mention.
fn closure(main: &str, files: &Files) -> Vec<String> {
    let mut order = vec![main.to_owned()];
    let mut seen: BTreeSet<String> = order.iter().cloned().collect();
    let mut next = 0;
    while let Some(path) = order.get(next).cloned() {
        next += 1;
        let source = text(files, &path);
        for import in imports(&source, path.starts_with("vendor/")) {
            let target = resolve(&path, &import.to);
            if !import.lazy && seen.insert(target.clone()) {
                order.push(target);
            }
        }
    }
    order
}

fn check_sizes(files: &Files) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, bytes) in files {
        let vendored = path.starts_with("vendor/");
        let max = if path.starts_with("i18n/") || vendored { CATALOGUE_MAX } else { FILE_MAX };
        if max < bytes.len() {
            wrong.push(format!("{path}: {} bytes, the budget is {max}", bytes.len()));
        }
    }
    wrong
}

fn hash_of(files: &Files, template: &[u8]) -> String {
    let mut all = Sha256::new();
    for (path, bytes) in files {
        all.update(path.as_bytes());
        all.update([0]);
        all.update(Sha256::digest(bytes));
    }
    all.update(template);
    hex(&all.finalize())[..16].to_owned()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Style sheets that every page has; the one of the charts comes with them.
fn styles(files: &Files) -> Vec<&str> {
    let all = files.keys().map(String::as_str).filter(|path| path.starts_with("css/"));
    let (mut first, mut rest): (Vec<&str>, Vec<&str>) =
        all.partition(|path| STYLES_FIRST.contains(path));
    first.sort_by_key(|path| STYLES_FIRST.iter().position(|one| one == path));
    first.append(&mut rest);
    first
}

/// The catalogue files of one language that every page has.
fn catalogues(code: &str) -> [String; CATALOGUES.len()] {
    CATALOGUES.map(|part| format!("i18n/{code}{part}.json"))
}

/// The page in one language: its direction stands in it, so that nothing turns round later.
fn fill(
    template: &str,
    hash: &str,
    files: &Files,
    start: &[String],
    (code, direction): (&str, &str),
) -> String {
    let prefix = format!("/ui/{hash}/");
    let links = |rel: &str, paths: &[&str]| {
        let line = |path: &&str| format!("<link rel=\"{rel}\" href=\"{prefix}{path}\">");
        paths.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    let modules: Vec<&str> = start.iter().map(String::as_str).collect();
    let fetched = catalogues(code).map(|path| {
        format!("<link rel=\"preload\" as=\"fetch\" crossorigin href=\"{prefix}{path}\">")
    });
    template
        .replace("{{lang}}", code)
        .replace("{{dir}}", direction)
        .replace("{{catalogues}}", &fetched.join("\n"))
        .replace("{{styles}}", &links("stylesheet", &styles(files)))
        .replace("{{preload}}", &links("modulepreload", &modules))
        .replace("{{prefix}}", &prefix)
}

fn check_budget(sizes: &BTreeMap<String, Sizes>, start: &[String]) -> Outcome<()> {
    let count = |wanted: &dyn Fn(&&String) -> bool, size: fn(&Sizes) -> usize| {
        sizes.iter().filter(|(path, _)| wanted(path)).map(|(_, sizes)| size(sizes)).sum::<usize>()
    };
    let all = count(&|_| true, |one| one.brotli);
    let mut budgets = vec![("all files with brotli".to_owned(), all, ALL_BROTLI_MAX)];
    for (code, _) in LANGUAGES {
        let (page, messages) = (format!("index.{code}.html"), catalogues(code));
        let first = |path: &&String| {
            path.starts_with("css/")
                || messages.contains(path)
                || **path == page
                || start.contains(path)
        };
        let what = format!("first load in {code}");
        let (gzip, brotli) = (count(&first, |one| one.gzip), count(&first, |one| one.brotli));
        budgets.push((format!("{what} with gzip"), gzip, START_GZIP_MAX));
        budgets.push((format!("{what} with brotli"), brotli, START_BROTLI_MAX));
    }
    for (what, bytes, max) in budgets {
        if max < bytes {
            return Err(format!("web UI, {what}: {bytes} bytes, the budget is {max}").into());
        }
    }
    Ok(())
}

/// The addresses in the route table of the UI: `{ path: '/p/:id', …`.
fn routes_of(source: &str) -> Vec<String> {
    let table = source.split("export const AREAS").next().unwrap_or_default();
    let paths = table.split("path: '").skip(1).filter_map(|rest| rest.split('\'').next());
    paths.map(str::to_owned).collect()
}

fn generated(hash: &str, routes: &[String]) -> String {
    let languages = LANGUAGES.map(|(code, _)| code);
    format!(
        "/// Names this very set of files in their addresses.\n\
         const HASH: &str = {hash:?};\n\
         /// Addresses that the page knows, with `:name` for what varies.\n\
         const ROUTES: &[&str] = &{routes:?};\n\
         /// Languages that the page comes in; the first is for everybody else.\n\
         const LANGUAGES: &[&str] = &{languages:?};\n"
    )
}
