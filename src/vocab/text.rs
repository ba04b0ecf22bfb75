//! Text as people type it or programs send it, made fit to be kept and shown: what nobody can
//! see must not make two names differ, and what is shown must be what was written.

/// Text that holds characters which have no place in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfit;

/// `text` as one line, without what surrounds it: breaks and tabs become a blank.
///
/// # Errors
/// Control characters, or marks that turn the direction of what follows; see [`lines`].
pub fn line(text: &str) -> Result<String, Unfit> {
    let (mut out, mut broken) = (String::with_capacity(text.len()), false);
    for letter in fit(text)?.chars() {
        let breaks = matches!(letter, '\n' | '\r' | '\t');
        if !breaks || !broken {
            out.push(if breaks { ' ' } else { letter });
        }
        broken = breaks;
    }
    Ok(out)
}

/// `text` with its lines, without what surrounds it. U+2028 and U+2029 become line breaks.
///
/// The marks LRM, RLM and ALM and the joiners ZWJ and ZWNJ stay: Arabic, Hebrew, Persian and
/// the scripts of India are not written right without them, and none reaches beyond its word.
/// What is never seen (soft hyphen, zero-width space, byte order mark) goes.
///
/// # Errors
/// Other control characters; embeddings, overrides and isolates, which turn the direction of all
/// that follows, on the page and on paper; tags and annotations, which hide text in text.
pub fn lines(text: &str) -> Result<String, Unfit> {
    fit(text)
}

fn fit(text: &str) -> Result<String, Unfit> {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' | '\t' => out.push(letter),
            '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => {}
            '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}' => return Err(Unfit),
            _ if letter.is_control() => return Err(Unfit),
            _ => out.push(letter),
        }
    }
    Ok(out.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_no_breaks_and_a_note_keeps_them() {
        assert_eq!(line(" Ada\r\n\tMoreau\u{2028}x ").as_deref(), Ok("Ada Moreau x"));
        assert_eq!(lines("one\n\ttwo\u{2029}three\n").as_deref(), Ok("one\n\ttwo\nthree"));
    }

    #[test]
    fn what_nobody_sees_goes_and_what_scripts_need_stays() {
        assert_eq!(line("\u{feff}Mo\u{ad}re\u{200b}au").as_deref(), Ok("Moreau"));
        let persian = "می\u{200c}خواهم \u{200f}(ب)\u{200e} क\u{94d}\u{200d}ष";
        assert_eq!(line(persian).as_deref(), Ok(persian));
    }

    #[test]
    fn what_hides_or_turns_text_is_refused() {
        let tag = char::from_u32(0xe0041).unwrap();
        for letter in
            ['\0', '\u{1b}', '\u{85}', '\u{202e}', '\u{2066}', '\u{206a}', '\u{fff9}', tag]
        {
            let text = format!("Ada{letter}Moreau");
            assert_eq!((line(&text), lines(&text)), (Err(Unfit), Err(Unfit)), "{letter:?}");
        }
    }
}
