//! What is said, in the language of whoever reads it: the page and the messages that leave the
//! house take the same words, from the catalogues of the UI. Theirs have slots and nothing else.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value as Json};

/// The languages, the first for whoever has none.
pub const LANGUAGES: [&str; 3] = ["en", "fr", "ar"];

/// Slots whose fact has words of its own, and what those begin with: the kind of a job, and what is
/// measured.
const WORDED: [(&str, &str); 2] = [("kind", "jobs.kind_"), ("series", "watch.s_")];

type Catalogue = BTreeMap<String, String>;

static CATALOGUES: LazyLock<[Catalogue; 3]> = LazyLock::new(|| {
    [
        include_str!("../../assets/i18n/en.notify.json"),
        include_str!("../../assets/i18n/fr.notify.json"),
        include_str!("../../assets/i18n/ar.notify.json"),
    ]
    .map(|text| serde_json::from_str(text).unwrap_or_default())
});

/// `key` in `language` with `facts` in its slots; the key itself where there are no words.
#[must_use]
pub fn say(language: &str, key: &str, facts: &Map<String, Json>) -> String {
    let known = LANGUAGES.iter().position(|one| *one == language).unwrap_or(0);
    let catalogue = &CATALOGUES[known];
    let Some(words) = catalogue.get(key) else { return key.to_owned() };
    let mut said = String::with_capacity(words.len() + 64);
    let mut rest = words.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        said.push_str(before);
        let Some((slot, after)) = after.split_once('}') else { break };
        said.push_str(&fill(catalogue, slot, facts));
        rest = after;
    }
    said.push_str(rest);
    said
}

fn fill(catalogue: &Catalogue, slot: &str, facts: &Map<String, Json>) -> String {
    let text = match facts.get(slot) {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Null) | None => return String::new(),
        Some(other) => other.to_string(),
    };
    let words = WORDED.iter().find(|(name, _)| *name == slot);
    let words = words.and_then(|(_, prefix)| catalogue.get(&format!("{prefix}{text}")));
    words.cloned().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn slots_are_filled_and_a_kind_of_job_has_its_own_words() {
        let facts = json!({"kind": "backup", "error": "The disk {is} full."});
        let facts = facts.as_object().unwrap();
        let title = say("en", "notify.job_died_title", facts);
        assert!(title.contains("Backup") && !title.contains('{'), "{title}");
        let text = say("en", "notify.job_died_text", facts);
        assert!(text.contains("The disk {is} full."), "what fills a slot is not read: {text}");
        assert_ne!(say("fr", "notify.job_died_title", facts), title);
        assert_eq!(say("xx", "notify.job_died_title", facts), title);
        assert_eq!(say("en", "notify.none", facts), "notify.none");
    }

    #[test]
    fn each_language_has_each_word_with_the_same_slots() {
        let slots = |words: &str| {
            let mut found: Vec<String> = words
                .split('{')
                .skip(1)
                .map(|part| part.split('}').next().unwrap().to_owned())
                .collect();
            found.sort();
            found
        };
        let [english, others @ ..] = &*CATALOGUES;
        assert!(!english.is_empty());
        for (key, words) in english {
            assert!(!words.contains("plural"), "{key}: the server has no plurals");
            for other in others {
                assert_eq!(slots(words), slots(&other[key]), "{key}");
            }
        }
    }
}
