//! Text as a stream of bytes: lines are counted, values are taken by their brackets.

use std::io::{self, Read};

const BUFFER_BYTES: usize = 64 << 10;

/// Text that is being kept, up to a bound; what is longer is counted and dropped.
pub(super) struct Kept {
    pub(super) bytes: Vec<u8>,
    max: usize,
    /// How many bytes did not fit.
    pub(super) overflow: usize,
}

impl Kept {
    pub(super) fn new(max: usize) -> Self {
        Self { bytes: Vec::new(), max, overflow: 0 }
    }

    pub(super) fn push(&mut self, more: &[u8]) {
        let room = (self.max - self.bytes.len()).min(more.len());
        self.bytes.extend_from_slice(&more[..room]);
        self.overflow += more.len() - room;
    }
}

/// A buffered stream of bytes that counts lines and, if asked, ends at the end of one.
pub(super) struct Text<'r> {
    reader: &'r mut dyn Read,
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    /// The line of the next byte, counted from 1.
    pub(super) line: u64,
    /// Whether the end of a line counts as the end of the text.
    pub(super) ends_at_newline: bool,
}

impl<'r> Text<'r> {
    pub(super) fn new(reader: &'r mut dyn Read) -> Self {
        let buffer = vec![0; BUFFER_BYTES];
        Self { reader, buffer, at: 0, end: 0, line: 1, ends_at_newline: false }
    }

    /// Fills the buffer if it is used up; `false` at the end of the stream.
    fn fill(&mut self) -> io::Result<bool> {
        while self.at == self.end {
            self.at = 0;
            self.end = match self.reader.read(&mut self.buffer) {
                Ok(0) => {
                    self.end = 0;
                    return Ok(false);
                }
                Ok(count) => count,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) => {
                    self.end = 0;
                    return Err(cause);
                }
            };
        }
        Ok(true)
    }

    /// Reads on until the buffer is full, keeping what is in it.
    fn fill_up(&mut self) -> io::Result<()> {
        while self.end < self.buffer.len() {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => break,
                Ok(count) => self.end += count,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(cause),
            }
        }
        Ok(())
    }

    /// The next byte, which stays. `None` at the end.
    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        if self.at == self.end && !self.fill()? {
            return Ok(None);
        }
        let byte = self.buffer[self.at];
        Ok((byte != b'\n' || !self.ends_at_newline).then_some(byte))
    }

    /// Passes over the byte that [`Text::peek`] showed.
    pub(super) fn bump(&mut self) {
        self.line += u64::from(self.buffer[self.at] == b'\n');
        self.at += 1;
    }

    /// Passes over white space; answers the byte behind it.
    pub(super) fn skip_space(&mut self) -> io::Result<Option<u8>> {
        while let Some(byte) = self.peek()? {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Ok(Some(byte));
            }
            self.bump();
        }
        Ok(None)
    }

    /// Passes over white space on this line; answers the byte behind it, `None` at its end.
    pub(super) fn skip_blanks(&mut self) -> io::Result<Option<u8>> {
        debug_assert!(self.ends_at_newline);
        self.skip_space()
    }

    pub(super) fn skip_line(&mut self) -> io::Result<()> {
        while let Some(byte) = self.peek()? {
            self.bump();
            if byte == b'\n' {
                break;
            }
        }
        Ok(())
    }

    /// Editors on Windows begin UTF-8 files with three bytes that mean nothing.
    pub(super) fn skip_byte_order_mark(&mut self) -> io::Result<()> {
        if self.fill()? && self.buffer[..self.end].starts_with(b"\xef\xbb\xbf") {
            self.at = 3;
        }
        Ok(())
    }

    /// Whether each line holds a value of its own, as in NDJSON. `by_name` says what the name
    /// of the file suggests; the first line decides.
    pub(super) fn has_line_per_value(&mut self, by_name: bool) -> io::Result<bool> {
        self.skip_space()?;
        self.fill_up()?;
        let head = &self.buffer[self.at..self.end];
        let Some(end) = head.iter().position(|byte| *byte == b'\n') else { return Ok(by_name) };
        let (line, rest) = (head[..end].trim_ascii_end(), head[end..].trim_ascii_start());
        if by_name {
            return Ok(!line.ends_with(b"{") && !line.ends_with(b"[") && !line.ends_with(b","));
        }
        let mut state = Brackets::default();
        let whole = state.advance(line, false) == Some(line.len());
        Ok(whole && rest.starts_with(b"{"))
    }

    /// Takes one value, of whatever kind, up to its end. `false` if the text ends before.
    pub(super) fn capture(&mut self, kept: &mut Kept) -> io::Result<bool> {
        let mut state = Brackets::default();
        loop {
            if self.at == self.end && !self.fill()? {
                // A bare number at the very end of the stream has no mark behind it.
                return Ok(state.is_bare_scalar());
            }
            let chunk = &self.buffer[self.at..self.end];
            let taken = state.advance(chunk, self.ends_at_newline);
            let (count, done) = taken.map_or((chunk.len(), false), |count| (count, true));
            kept.push(&chunk[..count]);
            self.line += chunk[..count].iter().filter(|byte| **byte == b'\n').count() as u64;
            self.at += count;
            if done {
                return Ok(!state.is_open());
            }
        }
    }
}

/// How far into a value we are.
#[derive(Default)]
struct Brackets {
    depth: usize,
    in_string: bool,
    is_escaped: bool,
    has_begun: bool,
}

impl Brackets {
    /// Goes on through `chunk`; answers how many of its bytes belong to the value if the value
    /// (or, with `ends_at_newline`, the line) ends within it.
    fn advance(&mut self, chunk: &[u8], ends_at_newline: bool) -> Option<usize> {
        for (index, &byte) in chunk.iter().enumerate() {
            if byte == b'\n' && ends_at_newline {
                return Some(index);
            }
            if self.in_string {
                match byte {
                    _ if self.is_escaped => self.is_escaped = false,
                    b'\\' => self.is_escaped = true,
                    b'"' => {
                        self.in_string = false;
                        if self.depth == 0 {
                            return Some(index + 1);
                        }
                    }
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth == 0 => return Some(index),
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(index + 1);
                    }
                }
                b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' if self.depth == 0 => {
                    return Some(index);
                }
                _ => {}
            }
            self.has_begun = true;
        }
        None
    }

    fn is_open(&self) -> bool {
        0 < self.depth || self.in_string
    }

    fn is_bare_scalar(&self) -> bool {
        self.has_begun && !self.is_open()
    }
}
