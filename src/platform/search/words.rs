//! Names as words: how a text falls into pieces, in which ways each is spelled, and which
//! beginnings of it are indexed.

use std::collections::BTreeSet;

use super::fold::{fold, is_apostrophe, is_syllabic, latin, umlauts_written_out, without_glides};

/// Beginnings of up to this many characters are indexed as such; longer ones are scanned for.
pub(super) const START_MAX: usize = 8;
/// Longer words are cut.
const WORD_MAX: usize = 40;
/// Parts of names such as "de", "van", "al" are written apart or joined as it pleases.
pub(super) const PARTICLE_MAX: usize = 3;
/// A name has no more pieces than this.
pub(super) const PIECES_MAX: usize = 24;
/// At most this many pieces are tried as one word.
pub(super) const JOIN_MAX: usize = 4;

/// One run of letters and digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// The word in its own script.
    pub(super) folded: String,
    /// Other spellings that it may be known by, mostly Latin; without `folded`.
    pub(super) others: Vec<String>,
    /// Pieces with the same number were written without a space between them.
    pub(super) chunk: usize,
    /// Whether its characters are syllables (Chinese, Japanese, Korean).
    pub(super) syllabic: bool,
}

impl Piece {
    /// Whether it has a digit.
    pub(super) fn has_digit(&self) -> bool {
        self.folded.bytes().any(|b| b.is_ascii_digit())
    }

    /// Whether it is nothing but digits.
    pub(super) fn is_number(&self) -> bool {
        self.folded.bytes().all(|b| b.is_ascii_digit())
    }

    /// Whether it is as short as the particles that people join to the next word.
    pub(super) fn is_particle(&self) -> bool {
        !self.syllabic && !self.has_digit() && self.folded.chars().count() <= PARTICLE_MAX
    }

    /// The spelling in Latin letters.
    pub(super) fn latin(&self) -> &str {
        match self.folded.is_ascii() {
            true => &self.folded,
            false => self.others.first().unwrap_or(&self.folded),
        }
    }
}

/// Takes a text apart into its pieces, at most `max`.
pub(super) fn pieces(text: &str, max: usize) -> Vec<Piece> {
    let separates = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '|');
    let mut pieces = Vec::new();
    for (chunk, written) in text.split(separates).enumerate() {
        // Turned into one form before folding, which would make a space of some of them.
        let written = written.replace(is_apostrophe, "'");
        let folded = runs(&fold(&written));
        let written_out = umlauts_written_out(&written).map(|text| runs(&fold(&text)));
        for (nth, run) in folded.iter().enumerate() {
            if pieces.len() == max {
                return pieces;
            }
            let umlauts = written_out.as_ref().filter(|other| other.len() == folded.len());
            pieces.push(piece(run, umlauts.map(|other| other[nth].as_str()), chunk));
        }
    }
    pieces
}

fn piece(run: &str, umlauts_written_out: Option<&str>, chunk: usize) -> Piece {
    let folded = run.chars().take(WORD_MAX).collect::<String>();
    let mut others = Vec::new();
    if !folded.is_ascii() {
        let spelled = latin(&folded);
        let plainer = without_glides(&spelled);
        others.push(spelled);
        others.extend(plainer);
    }
    others.extend(umlauts_written_out.map(latin));
    let mut seen = BTreeSet::new();
    for other in &mut others {
        other.truncate(WORD_MAX);
    }
    others.retain(|other| !other.is_empty() && *other != folded && seen.insert(other.clone()));
    let syllabic = folded.chars().any(is_syllabic);
    Piece { folded, others, chunk, syllabic }
}

/// Splits at everything that is neither letter nor digit nor a mark on a letter, and where
/// syllabic characters meet others.
fn runs(folded: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut open = false;
    let mut syllabic = false;
    for letter in folded.chars() {
        let mark = unicode_normalization::char::is_combining_mark(letter);
        let inside = letter.is_alphanumeric() || (mark && open);
        if !inside {
            open = false;
            continue;
        }
        let changes = !mark && is_syllabic(letter) != syllabic;
        match runs.last_mut() {
            Some(run) if open && !changes => run.push(letter),
            _ => runs.push(letter.to_string()),
        }
        if !mark {
            syllabic = is_syllabic(letter);
        }
        open = true;
    }
    runs
}

/// The neighbouring pieces that may as well be written as one word, as ranges of at least
/// two: those without a space between them ("O'Kon"), particles with what follows
/// ("de la Cruz").
pub(super) fn joins(pieces: &[Piece]) -> Vec<std::ops::Range<usize>> {
    let mut joins = Vec::new();
    for start in 0..pieces.len() {
        for end in start + 2..=pieces.len().min(start + JOIN_MAX) {
            let span = &pieces[start..end];
            let one_chunk = span.iter().all(|piece| piece.chunk == span[0].chunk);
            let particles = span[..span.len() - 1].iter().all(Piece::is_particle);
            let letters = !span.iter().any(Piece::has_digit);
            if letters && (one_chunk || particles) {
                joins.push(start..end);
            }
        }
    }
    joins
}

/// The spellings of neighbouring pieces as one word: in their own script, then in Latin.
pub(super) fn joined(span: &[Piece]) -> Vec<String> {
    let own = span.iter().map(|piece| piece.folded.as_str()).collect::<String>();
    let spelled = span.iter().map(Piece::latin).collect::<String>();
    let mut spellings = vec![cut(&own)];
    if spelled != own {
        spellings.push(cut(&spelled));
    }
    spellings
}

/// Every word by which a name is found, and the beginnings within syllabic words.
pub(super) fn of_name(name: &str, words: &mut BTreeSet<String>, starts: &mut BTreeSet<String>) {
    let pieces = pieces(name, PIECES_MAX);
    for piece in &pieces {
        words.insert(piece.folded.clone());
        words.extend(piece.others.iter().cloned());
        if piece.syllabic {
            syllables(&piece.folded, words, starts);
        }
        // The Arabic article is left out as often as not.
        let article = piece.folded.strip_prefix("ال");
        if let Some(rest) = article.filter(|rest| 2 < rest.chars().count()) {
            words.insert(rest.to_owned());
            words.insert(latin(rest));
        }
    }
    for span in joins(&pieces) {
        words.extend(joined(&pieces[span]));
    }
    if let [one, other] = &pieces[..]
        && one.syllabic
        && other.syllabic
    {
        // Family name first or last, written without a space.
        for order in [[one, other], [other, one]] {
            let run = order.map(|piece| piece.folded.as_str()).concat();
            syllables(&run, words, starts);
            words.insert(run);
        }
    }
    words.retain(|word| !word.is_empty());
}

/// A run without spaces may be typed from any of its characters on, in its own script or by
/// the sound of each character.
fn syllables(run: &str, words: &mut BTreeSet<String>, starts: &mut BTreeSet<String>) {
    let letters = run.chars().collect::<Vec<_>>();
    for start in 0..letters.len() {
        for length in 1..=START_MAX.min(letters.len() - start) {
            starts.insert(letters[start..start + length].iter().collect());
        }
        let tail = letters[start..].iter().collect::<String>();
        words.insert(cut(&latin(&tail)));
        words.insert(latin(&letters[start].to_string()));
    }
}

/// The indexed beginnings of a word.
pub(super) fn starts(word: &str) -> impl Iterator<Item = &str> {
    word.char_indices()
        .skip(1)
        .map(|(at, _)| at)
        .chain([word.len()])
        .take(START_MAX)
        .map(|end| &word[..end])
}

/// How many typing errors a word of this many letters is forgiven.
pub(super) fn edits_allowed(letters: usize) -> u8 {
    match letters {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// Whether one word becomes the other by at most `max` (two) typing errors: a letter left
/// out, put in, replaced, or two neighbours exchanged.
pub(super) fn within_edits(one: &str, other: &str, max: u8) -> bool {
    let one = one.chars().collect::<Vec<_>>();
    let other = other.chars().collect::<Vec<_>>();
    let max = usize::from(max);
    if max < one.len().abs_diff(other.len()) {
        return false;
    }
    let mut before = vec![0; other.len() + 1];
    let mut above = (0..=other.len()).collect::<Vec<_>>();
    let mut line = above.clone();
    for row in 1..=one.len() {
        line[0] = row;
        for column in 1..=other.len() {
            let replaced = usize::from(one[row - 1] != other[column - 1]);
            let mut cost = (above[column] + 1).min(line[column - 1] + 1);
            cost = cost.min(above[column - 1] + replaced);
            let exchanged = 1 < row
                && 1 < column
                && one[row - 1] == other[column - 2]
                && one[row - 2] == other[column - 1];
            if exchanged {
                cost = cost.min(before[column - 2] + 1);
            }
            line[column] = cost;
        }
        if line.iter().all(|cost| max < *cost) {
            return false;
        }
        std::mem::swap(&mut before, &mut above);
        std::mem::swap(&mut above, &mut line);
    }
    above[other.len()] <= max
}

/// Whether words of these [`letters_in`] them can be within so many errors. This tells most
/// words apart at once: an error puts in, takes out or exchanges one kind of letter.
pub(super) fn may_be_near(one: u64, other: u64, max: u8) -> bool {
    (one ^ other).count_ones() <= 2 * u32::from(max)
}

/// One bit for each kind of letter; kinds may share a bit.
pub(super) fn letters_in(word: &str) -> u64 {
    word.chars().fold(0, |letters, letter| letters | 1 << (u32::from(letter) % 64))
}

fn cut(word: &str) -> String {
    word.chars().take(WORD_MAX).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words_of(name: &str) -> BTreeSet<String> {
        let (mut words, mut starts) = (BTreeSet::new(), BTreeSet::new());
        of_name(name, &mut words, &mut starts);
        words
    }

    #[test]
    fn a_name_has_these_words() {
        for (name, words) in [
            ("Bekele Moreau", &["bekele", "moreau"][..]),
            ("O'Kon", &["o", "kon", "okon"]),
            ("O’Kon", &["okon"]),
            ("Kaʻiulani", &["kaiulani"]),
            ("Moreau-Lefebvre", &["moreau", "lefebvre", "moreaulefebvre"]),
            ("Maria de la Cruz", &["de", "la", "cruz", "delacruz", "lacruz"]),
            ("Müller", &["muller", "mueller"]),
            ("Łukasz Sørensen", &["lukasz", "sorensen", "soerensen"]),
            ("Мария", &["мария", "mariya", "maria"]),
            ("王小明", &["王小明", "wangxiaoming", "xiaoming", "wang", "xiao", "ming"]),
            ("小明 王", &["王小明", "小明王", "wangxiaoming"]),
            ("김철수", &["김철수", "gim"]),
            ("ابو الحاج", &["ابو", "الحاج", "حاج"]),
        ] {
            let found = words_of(name);
            for word in words {
                assert!(found.contains(*word), "{name}: {word} not in {found:?}");
            }
        }
        assert!(!words_of("Bekele Moreau").contains("bekelemoreau"));
    }

    #[test]
    fn beginnings_are_counted_in_characters() {
        assert_eq!(starts("mar").collect::<Vec<_>>(), ["m", "ma", "mar"]);
        assert_eq!(starts("мар").collect::<Vec<_>>(), ["м", "ма", "мар"]);
        assert_eq!(starts("christopher").last(), Some("christop"));
    }

    #[test]
    fn typing_errors_are_counted() {
        for (one, other, edits) in [
            ("moreau", "moreau", 0),
            ("moreau", "morau", 1),
            ("moreau", "morreau", 1),
            ("moreau", "moreal", 1),
            ("moreau", "moerau", 1),
            ("christopher", "kristofer", 4),
            ("ab", "", 2),
        ] {
            assert!(within_edits(one, other, edits), "{one} {other}");
            assert!(edits == 0 || !within_edits(one, other, edits - 1), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn any_name_is_taken_apart_in_bounds(name in "\\PC{0,60}") {
            let (mut words, mut starts) = (BTreeSet::new(), BTreeSet::new());
            of_name(&name, &mut words, &mut starts);
            prop_assert!(words.iter().all(|w| !w.is_empty() && w.chars().count() <= WORD_MAX));
            prop_assert!(starts.iter().all(|s| s.chars().count() <= START_MAX));
        }

        #[test]
        fn an_edit_is_an_edit(word in "[a-zа-я]{1,12}", at in 0_usize..12, put in "[a-zа-я]") {
            let mut letters = word.chars().map(String::from).collect::<Vec<_>>();
            let at = at % letters.len();
            letters[at].push_str(&put);
            prop_assert!(within_edits(&word, &letters.concat(), 1), "put in");
            letters[at] = put;
            prop_assert!(within_edits(&word, &letters.concat(), 1), "replaced");
            letters.remove(at);
            prop_assert!(within_edits(&word, &letters.concat(), 1), "left out");
            let mut letters = word.chars().collect::<Vec<_>>();
            let next = (at + 1) % letters.len();
            letters.swap(at, next);
            let exchanged = letters.into_iter().collect::<String>();
            prop_assert!(next < at || within_edits(&word, &exchanged, 1), "exchanged");
        }

        #[test]
        fn edits_are_symmetric(one in "[a-d]{0,6}", other in "[a-d]{0,6}", max in 0_u8..3) {
            prop_assert_eq!(within_edits(&one, &other, max), within_edits(&other, &one, max));
            let may = may_be_near(letters_in(&one), letters_in(&other), max);
            prop_assert!(may || !within_edits(&one, &other, max));
            prop_assert!(within_edits(&one, &one, 0));
        }
    }
}
