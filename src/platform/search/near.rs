//! The words nearest to others, remembered for one state of the index.
//!
//! Looking for two typing errors walks through most of the words of every segment, and whoever
//! types asks again with every key: all words before the last one are the same ones.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many words are remembered at once.
const WORDS_MAX: usize = 1024;
/// A word that is near to more others than this is looked up each time.
const KEYS_MAX: usize = 128;

/// What was looked up in the newest state of an index that anybody asked.
#[derive(Debug, Default)]
pub(super) struct Near(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    /// The state of the index; it counts up.
    state: u64,
    words: HashMap<String, Arc<BTreeSet<String>>>,
}

impl Near {
    /// The words near to `word` in this state of the index: as remembered, or by `look_up`.
    pub(super) fn to<E>(
        &self,
        word: &str,
        state: u64,
        look_up: impl FnOnce() -> Result<BTreeSet<String>, E>,
    ) -> Result<Arc<BTreeSet<String>>, E> {
        if let Some(known) = self.of(state).and_then(|known| known.words.get(word).cloned()) {
            return Ok(known);
        }
        // Nobody waits for it: two who look up the same find the same.
        let found = Arc::new(look_up()?);
        if found.len() <= KEYS_MAX
            && let Some(mut known) = self.of(state)
        {
            if WORDS_MAX <= known.words.len() {
                known.words.clear();
            }
            known.words.insert(word.to_owned(), Arc::clone(&found));
        }
        Ok(found)
    }

    /// What is remembered of this state, or nothing if the index has moved on from it.
    fn of(&self, state: u64) -> Option<MutexGuard<'_, Remembered>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.state < state {
            *known = Remembered { state, words: HashMap::new() };
        }
        (known.state == state).then_some(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(near: &Near, word: &str, state: u64, found: &[&str]) -> Vec<String> {
        let found = found.iter().map(|word| (*word).to_owned()).collect();
        let near = near.to(word, state, || Ok::<_, ()>(found)).unwrap();
        near.iter().cloned().collect()
    }

    #[test]
    fn a_word_is_looked_up_once_for_each_state_of_the_index() {
        let near = Near::default();
        assert_eq!(ask(&near, "moreau", 1, &["morau"]), ["morau"]);
        assert_eq!(ask(&near, "moreau", 1, &[]), ["morau"]);
        assert_eq!(ask(&near, "moreau", 2, &["morreau"]), ["morreau"]);
        // A search that began before the index moved on takes nothing and leaves nothing.
        assert_eq!(ask(&near, "moreau", 1, &["old"]), ["old"]);
        assert_eq!(ask(&near, "moreau", 2, &[]), ["morreau"]);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let near = Near::default();
        for number in 0..2 * WORDS_MAX + 1 {
            ask(&near, &number.to_string(), 1, &["near"]);
            assert!(near.0.lock().unwrap().words.len() <= WORDS_MAX);
        }
        let many = (0..=KEYS_MAX).map(|number| number.to_string()).collect::<Vec<_>>();
        let many = many.iter().map(String::as_str).collect::<Vec<_>>();
        ask(&near, "many", 1, &many);
        assert_eq!(ask(&near, "many", 1, &[]).len(), 0);
    }

    #[test]
    fn a_look_up_that_fails_is_not_remembered() {
        let near = Near::default();
        assert!(near.to("moreau", 1, || Err("damaged")).is_err());
        assert_eq!(ask(&near, "moreau", 1, &["morau"]), ["morau"]);
    }
}
