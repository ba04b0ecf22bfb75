//! What the page's scripts may do: they run under a strict policy, on plain HTTP, in any
//! language, and know their library by one file.

use super::source::{self, lines_that};

/// Ways of turning text into markup or code, which the policy forbids anyway.
const MARKUP: [&str; 8] = [
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "eval(",
    "new Function",
    "dangerouslySetInnerHTML",
    "setTimeout('",
];

/// Not there, or undefined, on a page that came over plain HTTP from another machine.
const SECURE_ONLY: [&str; 7] = [
    "randomUUID",
    "crypto.subtle",
    "serviceWorker",
    "navigator.locks",
    "caches.",
    "Notification.",
    "navigator.credentials",
];

/// Names that look like addresses.
const NAMES: [&str; 4] = ["www.w3.org", "loinc.org", "snomed.info", "hl7.org"];

/// Formatting by the browser's locale, which is not the hospital's.
const LOCALE: [&str; 5] = [
    "toLocaleDateString",
    "toLocaleTimeString",
    "toLocaleString",
    "DateTimeFormat",
    "NumberFormat",
];

#[test]
fn nothing_turns_text_into_markup() {
    let found =
        lines_that(&source::scripts(), |_, line| MARKUP.iter().any(|word| line.contains(word)));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn dates_and_numbers_are_written_in_one_place() {
    let found = lines_that(&source::scripts(), |file, line| {
        // Words with numbers in them are made beside the words; asking for the zone writes
        // nothing.
        let allowed = ["assets/lib/format.js", "assets/lib/i18n.js"].contains(&file.path.as_str())
            || line.contains("resolvedOptions()");
        !allowed && LOCALE.iter().any(|word| line.contains(word))
    });
    assert!(found.is_empty(), "use lib/format.js: {found:#?}");
}

#[test]
fn one_file_knows_the_libraries() {
    let found = lines_that(&source::scripts(), |file, line| {
        file.path != "assets/lib/ui.js" && line.contains("vendor/")
    });
    assert!(found.is_empty(), "import from lib/ui.js: {found:#?}");
}

#[test]
fn nothing_is_used_that_plain_http_does_not_have() {
    // Passkeys, which are offered only where there are any.
    let guarded = "assets/lib/passkey.js";
    let found = lines_that(&source::scripts(), |file, line| {
        file.path != guarded && SECURE_ONLY.iter().any(|word| line.contains(word))
    });
    assert!(found.is_empty(), "{found:#?}");
    let asks = |file: &source::File| file.code.contains("window.isSecureContext");
    assert!(source::scripts().into_iter().any(|file| file.path == guarded && asks(&file)));
    for file in source::scripts() {
        let guarded = file.code.contains("if (navigator.clipboard)");
        let used = file.code.contains("navigator.clipboard");
        assert!(!used || guarded, "{} uses the clipboard without asking", file.path);
    }
}

#[test]
fn no_script_talks_to_another_machine_or_the_console() {
    let found = lines_that(&source::scripts(), |_, line| {
        let talks = ["https://", "http://", "console.log", "debugger", "localStorage.setItem('tok"];
        talks.iter().any(|word| line.contains(word))
            && !NAMES.iter().any(|name| line.contains(name))
    });
    assert!(found.is_empty(), "{found:#?}");
}
