//! Where requests begin in the bytes of a connection.
//!
//! Goes through heads and bodies in step with the server's own parser (RFC 9112), so that a line
//! of a body is never taken for a request, and one that a read cuts in two is. Whatever that
//! parser refuses ends the connection and is not looked at here. Where this cannot say how the
//! parser goes on, every line counts.

/// Bytes of a line that are kept. The headers that say where a body ends are shorter.
const KEPT_MAX: usize = 64;
/// Digits that the size of a piece may have.
const SIZE_DIGITS_MAX: usize = 16;

/// How far a connection has come.
#[derive(Debug, Default)]
pub(super) struct Framing {
    place: Place,
    /// The beginning of the present line, at most [`KEPT_MAX`] bytes.
    line: Vec<u8>,
    head: Head,
    is_known: bool,
    /// The last byte was a carriage return.
    returned: bool,
}

#[derive(Debug, Default, Clone, Copy)]
enum Place {
    /// Before the first line of a request.
    #[default]
    Between,
    Head,
    /// So many bytes until the next request.
    Body(u64),
    /// Before the size of the next piece of a body.
    Size,
    /// So many bytes of a piece, with the end of its line.
    Piece(u64),
    /// In what follows the last piece.
    Trailer,
    /// After a change of protocol: there are no more requests.
    Upgraded,
    Lost,
}

/// What a head says of its body.
#[derive(Debug, Default, Clone, Copy)]
struct Head {
    length: u64,
    in_pieces: bool,
    upgrades: bool,
    unclear: bool,
}

impl Framing {
    /// Whether the head of a request has come whole.
    pub(super) fn has_come_whole(&self) -> bool {
        self.is_known
    }

    /// Goes through the next `bytes` of the connection; how many requests have their first line
    /// end in them.
    ///
    /// A line of a head that ends without a carriage return ends in a zero afterwards, which the
    /// server's parser refuses in words. It would take the line, as RFC 9112 allows; a proxy may
    /// see one header there where we see two, and what one of them says of the body is then
    /// hidden from it.
    pub(super) fn begun(&mut self, mut bytes: &mut [u8]) -> usize {
        let mut begun = 0;
        while !bytes.is_empty() {
            let taken = match self.place {
                Place::Upgraded => return begun,
                Place::Body(left) | Place::Piece(left) => self.pass_over(left, bytes.len()),
                _ => {
                    let end = bytes.iter().position(|byte| *byte == b'\n');
                    let before = match end {
                        Some(0) => self.returned,
                        Some(end) => bytes[end - 1] == b'\r',
                        None => true,
                    };
                    let text = &bytes[..end.unwrap_or(bytes.len())];
                    let room = KEPT_MAX - self.line.len();
                    self.line.extend_from_slice(&text[..text.len().min(room)]);
                    if let Some(end) = end {
                        if !before && self.is_in_head() {
                            bytes[end] = 0;
                        }
                        begun += usize::from(self.end_of_line());
                        self.line.clear();
                    }
                    end.map_or(bytes.len(), |end| end + 1)
                }
            };
            self.returned = bytes[taken - 1] == b'\r';
            bytes = &mut bytes[taken..];
        }
        begun
    }

    /// Whether the present line belongs to the head of a request.
    fn is_in_head(&self) -> bool {
        match self.place {
            Place::Between => !self.line.is_empty(),
            Place::Head => true,
            _ => false,
        }
    }

    /// Passes over as many of `there` bytes as belong to the present piece of a body.
    fn pass_over(&mut self, left: u64, there: usize) -> usize {
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(there);
        let left = left - taken as u64;
        self.place = match (self.place, left) {
            (Place::Piece(_), 0) => Place::Size,
            (Place::Piece(_), left) => Place::Piece(left),
            (_, 0) => Place::Between,
            (_, left) => Place::Body(left),
        };
        taken
    }

    /// Goes on behind the line that is kept; whether it was the first of a request.
    fn end_of_line(&mut self) -> bool {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        match self.place {
            Place::Between if line.is_empty() => return false,
            Place::Between => {
                (self.place, self.head) = (Place::Head, Head::default());
                return true;
            }
            Place::Head if line.is_empty() => {
                (self.place, self.is_known) = (self.head.followed_by(), true);
            }
            Place::Head => self.head.read(line),
            Place::Size => {
                self.place = match size(line) {
                    None => Place::Lost,
                    Some(0) => Place::Trailer,
                    Some(size) => Place::Piece(size.saturating_add(2)),
                };
            }
            Place::Trailer if line.is_empty() => self.place = Place::Between,
            Place::Lost => return true,
            Place::Trailer | Place::Body(_) | Place::Piece(_) | Place::Upgraded => {}
        }
        false
    }
}

impl Head {
    /// Reads one header, whose `line` is cut at [`KEPT_MAX`].
    fn read(&mut self, line: &[u8]) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        let is_cut = KEPT_MAX <= line.len();
        if is("content-length") {
            let length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
            self.length = length.unwrap_or(0);
            self.unclear |= is_cut || length.is_none();
        } else if is("transfer-encoding") {
            self.in_pieces = value.eq_ignore_ascii_case(b"chunked");
            self.unclear |= is_cut || !self.in_pieces;
        } else if is("upgrade") {
            self.upgrades |= value.eq_ignore_ascii_case(b"websocket");
            self.unclear |= is_cut;
        }
    }

    fn followed_by(self) -> Place {
        match self {
            Self { unclear: true, .. } => Place::Lost,
            Self { in_pieces: true, .. } => Place::Size,
            Self { upgrades: true, .. } => Place::Upgraded,
            Self { length: 0, .. } => Place::Between,
            Self { length, .. } => Place::Body(length),
        }
    }
}

/// The size that a piece begins with.
fn size(line: &[u8]) -> Option<u64> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let text = std::str::from_utf8(&line[..digits]).ok()?;
    u64::from_str_radix(text, 16).ok().filter(|_| digits <= SIZE_DIGITS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST_LINES: &str = "GET / HTTP/1.1\r\nhost: h\r\n\r\nPOST /x HTTP/1.1\n\n";

    fn with_length(body: &str) -> String {
        let length = body.len();
        format!("POST /a HTTP/1.1\r\nhost: h\r\nContent-Length:  {length} \r\n\r\n{body}")
    }

    fn in_pieces(body: &str) -> String {
        let length = body.len();
        format!(
            "PUT /a HTTP/1.1\r\nTRANSFER-ENCODING: Chunked\r\n\r\n{length:X};note\r\n{body}\r\n\
             000{length:x}\r\n{body}\r\n0\r\nx: GET / HTTP/1.1\r\n\r\n"
        )
    }

    /// What is counted when `text` comes in pieces of `most` bytes.
    fn counted(text: &str, most: usize) -> usize {
        let mut framing = Framing::default();
        let mut bytes = text.as_bytes().to_vec();
        bytes.chunks_mut(most).map(|piece| framing.begun(piece)).sum()
    }

    #[test]
    fn requests_are_counted_however_reads_cut_them_and_lines_of_bodies_never() {
        let body = FIRST_LINES.repeat(20);
        let whole = format!(
            "{}\r\n{}{}GET / HTTP/1.0\r\n\r\n",
            with_length(&body),
            in_pieces(&body),
            with_length("")
        );
        for most in [1, 2, 3, 7, 50, 4_096, usize::MAX] {
            assert_eq!(counted(&whole, most), 4, "reads of {most}");
            assert_eq!(counted(&FIRST_LINES.repeat(30), most), 60, "reads of {most}");
        }
    }

    #[test]
    fn a_line_of_a_head_without_its_carriage_return_is_marked_and_bodies_stay_as_they_are() {
        let body = "a\nb\r\n\n";
        for (text, marked) in [
            ("\nGET / HTTP/1.1\r\nhost: h\r\n\r\n".to_owned(), 0),
            (format!("{}{}", with_length(body), in_pieces(body)), 0),
            ("GET / HTTP/1.1\nhost: h\r\n\r\n".to_owned(), 1),
            ("GET / HTTP/1.1\r\nx: a\ny: b\r\n\r\n".to_owned(), 1),
            ("GET / HTTP/1.1\r\nhost: h\r\n\n".to_owned(), 1),
            ("GET / HTTP/1.1\r\nhost: h\n\n".to_owned(), 2),
        ] {
            for most in [1, 2, 3, 7, usize::MAX] {
                let (mut framing, mut bytes) = (Framing::default(), text.clone().into_bytes());
                bytes.chunks_mut(most).for_each(|piece| {
                    framing.begun(piece);
                });
                let zeros = bytes.iter().filter(|byte| **byte == 0).count();
                assert_eq!(zeros, marked, "{text:?} in reads of {most}");
                assert_eq!(marked == 0, bytes == text.as_bytes(), "{text:?}");
            }
        }
    }

    #[test]
    fn a_live_channel_has_no_more_requests() {
        let upgraded = "GET /live HTTP/1.1\r\nconnection: Upgrade\r\nupgrade: WebSocket\r\n\r\n";
        assert_eq!(counted(&format!("{upgraded}{}", FIRST_LINES.repeat(20)), 10), 1);
        let other = upgraded.replace("WebSocket", "h2c");
        assert_eq!(counted(&format!("{other}{FIRST_LINES}"), 10), 3);
    }

    #[test]
    fn where_a_body_ends_unclearly_every_line_counts() {
        let blanks = " ".repeat(KEPT_MAX);
        for header in [
            "content-length: many".to_owned(),
            format!("content-length:{blanks}99999"),
            "transfer-encoding: gzip".to_owned(),
            format!("upgrade:{blanks}websocket"),
        ] {
            let head = format!("POST / HTTP/1.1\r\n{header}\r\n\r\n");
            assert_eq!(counted(&format!("{head}a\nb\nc\n"), 5), 4, "{header}");
        }
        for size in ["x", "", "00000000000000001", "-1"] {
            let head = format!("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n{size}\r\n");
            assert_eq!(counted(&format!("{head}a\nb\nc\n"), 5), 4, "{size}");
        }
    }
}
