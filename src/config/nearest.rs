//! Guesses which name a typing error meant.

/// The candidate that differs from `word` by the fewest letters typed wrong, left out, added or
/// swapped; `None` if even the nearest is too different to be meant.
pub(super) fn nearest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = word.to_lowercase().replace('-', "_");
    let (distance, best) = candidates.map(|name| (distance(&word, name), name)).min()?;
    // A third of the letters, as compilers do it.
    (distance <= (word.chars().count().max(3)) / 3).then_some(best)
}

/// Edits between `a` and `b`, where swapping two neighbours counts as one.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, &left) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &right) in b.iter().enumerate() {
            let mut best =
                (above[j] + usize::from(left != right)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && left == b[j - 1] && a[i - 1] == right {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits() {
        assert_eq!(distance("workers", "workers"), 0);
        assert_eq!(distance("worker", "workers"), 1);
        assert_eq!(distance("wrokers", "workers"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
    }

    #[test]
    fn guesses_only_what_is_near() {
        let names = ["workers", "readers", "log_level"];
        assert_eq!(nearest("Worker", names.into_iter()), Some("workers"));
        assert_eq!(nearest("log-level", names.into_iter()), Some("log_level"));
        assert_eq!(nearest("colour", names.into_iter()), None);
        assert_eq!(nearest("x", std::iter::empty()), None);
    }
}
