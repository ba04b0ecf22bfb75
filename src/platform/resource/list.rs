//! A list of short texts in one column: joined by spaces, so that it reads as text, with the
//! spaces inside an item as no-break spaces, so that it can be taken apart again.

/// U+00A0, which stands for a space inside an item.
const NO_BREAK: char = '\u{a0}';

/// The items as the store keeps them: `["Mary Ann", "Jo"]` as `Mary\u{a0}Ann Jo`.
#[must_use]
pub fn join(items: &[&str]) -> String {
    let kept = |item: &&str| item.split_whitespace().collect::<Vec<_>>().join("\u{a0}");
    items.iter().map(kept).filter(|item| !item.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The items again.
pub fn split(kept: &str) -> impl Iterator<Item = String> + '_ {
    kept.split(' ').filter(|item| !item.is_empty()).map(|item| item.replace(NO_BREAK, " "))
}

/// As text to read, with plain spaces.
#[must_use]
pub fn readable(kept: &str) -> String {
    kept.replace(NO_BREAK, " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_joined_can_be_taken_apart(
            items in proptest::collection::vec("[a-zé]{1,5}( [a-z]{1,5})?", 0..5),
        ) {
            let refs: Vec<&str> = items.iter().map(String::as_str).collect();
            prop_assert_eq!(split(&join(&refs)).collect::<Vec<_>>(), items);
        }
    }
}
