//! Cuts JSON text into resources without ever holding more than one of them.
//!
//! A Bundle is cut at its entries, NDJSON at its lines, anything else at its top-level values.
//! Only brackets and strings are looked at here; whether a piece is good JSON is found out
//! when it is parsed, so that one bad resource costs itself and nothing around it.

use super::item_check::resource_name;
use super::{Found, Piece, Reject, Sink, Stop};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;

const BUFFER_BYTES: usize = 64 << 10;
/// A key or a `resourceType` longer than this is nonsense.
const KEY_BYTES_MAX: usize = 256;

/// Cuts one stream of text.
pub(super) struct Splitter<'t, 's, 'k> {
    text: Text<'t>,
    sink: &'s mut Sink<'k>,
    file: Arc<str>,
    piece_bytes_max: usize,
    is_lines: bool,
}

/// Why one value or one file could not be cut further.
enum Broken {
    Stop(Stop),
    /// With the line and what was expected there.
    Syntax(u64, &'static str),
    /// The text ended too early, which is already told.
    CutOff,
}

impl From<io::Error> for Broken {
    fn from(cause: io::Error) -> Self {
        Self::Stop(Stop::Io(cause))
    }
}

impl From<Stop> for Broken {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

const CUT_OFF: &str = "the text ends in the middle, the file was cut off; copy it again";
const LINE_CUT_OFF: &str = "the line ends in the middle of the resource; export it again";

impl<'t, 's, 'k> Splitter<'t, 's, 'k> {
    /// A splitter of the text in `reader`, whose file is called `label`.
    pub(super) fn new(
        reader: &'t mut dyn Read,
        label: &str,
        piece_bytes_max: usize,
        sink: &'s mut Sink<'k>,
    ) -> Self {
        let name = label.to_ascii_lowercase();
        let is_lines = name.contains(".ndjson") || name.contains(".jsonl");
        Self { text: Text::new(reader), sink, file: label.into(), piece_bytes_max, is_lines }
    }

    /// Cuts to the end of the stream.
    pub(super) fn run(mut self) -> Result<(), Stop> {
        self.text.skip_byte_order_mark()?;
        self.is_lines = self.text.has_line_per_value(self.is_lines)?;
        while self.text.skip_space()?.is_some() {
            self.text.ends_at_newline = self.is_lines;
            let outcome = self.value();
            let outcome = match outcome {
                Ok(()) if self.is_lines && self.text.skip_blanks()?.is_some() => {
                    let line = self.text.line;
                    Err(Broken::Syntax(line, "there is more than one value on this line"))
                }
                outcome => outcome,
            };
            self.text.ends_at_newline = false;
            match outcome {
                Ok(()) | Err(Broken::CutOff) => {}
                Err(Broken::Stop(stop)) => return Err(stop),
                Err(Broken::Syntax(line, wrong)) if self.is_lines => {
                    self.reject(line, None, wrong)?;
                    self.text.skip_line()?;
                }
                Err(Broken::Syntax(line, wrong)) => {
                    let reason = format!("{wrong}; nothing after this line was read");
                    return self.reject(line, None, &reason);
                }
            }
        }
        Ok(())
    }

    /// One top-level value.
    fn value(&mut self) -> Result<(), Broken> {
        match self.text.peek()? {
            Some(b'{') => self.object(),
            Some(b'[') => {
                self.text.bump();
                self.elements(false)
            }
            Some(b'<') => Err(self.expected("this is XML; export it as JSON")),
            _ => Err(self.expected("this is not FHIR JSON, a resource begins with {")),
        }
    }

    /// A top-level object: a Bundle, whose entries are cut out as they come, or a resource.
    fn object(&mut self) -> Result<(), Broken> {
        let line = self.text.line;
        let mut kept = Kept::new(self.piece_bytes_max);
        let mut kind: Option<Vec<u8>> = None;
        let mut had_entries = false;
        kept.push(b"{");
        self.text.bump();
        let mut is_first = true;
        loop {
            match self.text.skip_space()? {
                Some(b'}') => break self.text.bump(),
                Some(b',') if !is_first => {
                    kept.push(b",");
                    self.text.bump();
                    self.text.skip_space()?;
                }
                Some(_) if is_first => {}
                Some(_) => return Err(self.expected("a comma or } is missing here")),
                None => return self.cut_off(line, &kept),
            }
            is_first = false;
            let Some(key) = self.key(&mut kept)? else { return self.cut_off(line, &kept) };
            let next = self.text.skip_space()?;
            let may_be_bundle = kind.as_deref().is_none_or(|kind| kind == b"\"Bundle\"");
            if key == b"\"entry\"" && next == Some(b'[') && may_be_bundle {
                self.text.bump();
                self.elements(true)?;
                had_entries = true;
                kept.push(b"[]");
                continue;
            }
            let from = kept.bytes.len();
            if !self.text.capture(&mut kept)? {
                return self.cut_off(line, &kept);
            }
            if key == b"\"resourceType\"" {
                kind = kept.bytes.get(from..).map(<[u8]>::to_vec);
            }
        }
        kept.push(b"}");
        if had_entries || kind.as_deref() == Some(b"\"Bundle\"") {
            return Ok(());
        }
        self.piece(line, kept, false)
    }

    /// The rest of a key and its colon; `None` if the text ends.
    fn key(&mut self, kept: &mut Kept) -> Result<Option<Vec<u8>>, Broken> {
        match self.text.peek()? {
            Some(b'"') => {}
            Some(_) => return Err(self.expected("a field name in double quotes is missing here")),
            None => return Ok(None),
        }
        let mut key = Kept::new(KEY_BYTES_MAX);
        if !self.text.capture(&mut key)? {
            return Ok(None);
        }
        kept.push(&key.bytes);
        match self.text.skip_space()? {
            Some(b':') => {
                self.text.bump();
                kept.push(b":");
                Ok(Some(key.bytes))
            }
            Some(_) => Err(self.expected("a colon is missing here")),
            None => Ok(None),
        }
    }

    /// The elements of a list, behind its opening bracket.
    fn elements(&mut self, is_entry: bool) -> Result<(), Broken> {
        let mut is_first = true;
        loop {
            match self.text.skip_space()? {
                Some(b']') => {
                    self.text.bump();
                    return Ok(());
                }
                Some(b',') if !is_first => {
                    self.text.bump();
                    self.text.skip_space()?;
                }
                Some(_) if is_first => {}
                Some(_) => return Err(self.expected("a comma or ] is missing here")),
                None => return Err(self.expected(CUT_OFF)),
            }
            is_first = false;
            let line = self.text.line;
            let mut kept = Kept::new(self.piece_bytes_max);
            if !self.text.capture(&mut kept)? {
                return self.cut_off(line, &kept);
            }
            if kept.bytes.is_empty() && kept.overflow == 0 {
                return Err(self.expected("a value is missing here"));
            }
            self.piece(line, kept, is_entry)?;
        }
    }

    fn piece(&mut self, line: u64, kept: Kept, is_entry: bool) -> Result<(), Broken> {
        if 0 < kept.overflow {
            let reason = format!(
                "it is longer than {} MB; split it or raise the limit",
                self.piece_bytes_max >> 20
            );
            let name = resource_name(&kept.bytes);
            return Ok(self.reject(line, name, &reason)?);
        }
        let piece = Piece { file: self.file.clone(), line, bytes: kept.bytes, is_entry };
        match (self.sink)(Found::Piece(piece)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::Cancelled.into()),
        }
    }

    /// The text ended inside the value that began at `line`.
    fn cut_off(&mut self, line: u64, kept: &Kept) -> Result<(), Broken> {
        let reason = if self.is_lines { LINE_CUT_OFF } else { CUT_OFF };
        self.reject(line, resource_name(&kept.bytes), reason)?;
        Err(Broken::CutOff)
    }

    fn expected(&self, wrong: &'static str) -> Broken {
        Broken::Syntax(self.text.line, wrong)
    }

    fn reject(&mut self, line: u64, resource: Option<String>, reason: &str) -> Result<(), Stop> {
        let reject = Reject {
            file: self.file.to_string(),
            line: Some(line),
            resource,
            reason: reason.to_owned(),
        };
        match (self.sink)(Found::Reject(reject)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::Cancelled),
        }
    }
}

/// Text that is being kept, up to a bound; what is longer is counted and dropped.
struct Kept {
    bytes: Vec<u8>,
    max: usize,
    overflow: usize,
}

impl Kept {
    fn new(max: usize) -> Self {
        Self { bytes: Vec::new(), max, overflow: 0 }
    }

    fn push(&mut self, more: &[u8]) {
        let room = (self.max - self.bytes.len()).min(more.len());
        self.bytes.extend_from_slice(&more[..room]);
        self.overflow += more.len() - room;
    }
}

/// A buffered stream of bytes that counts lines and, if asked, ends at the end of one.
struct Text<'r> {
    reader: &'r mut dyn Read,
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    line: u64,
    ends_at_newline: bool,
}

impl<'r> Text<'r> {
    fn new(reader: &'r mut dyn Read) -> Self {
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
    fn peek(&mut self) -> io::Result<Option<u8>> {
        if self.at == self.end && !self.fill()? {
            return Ok(None);
        }
        let byte = self.buffer[self.at];
        Ok((byte != b'\n' || !self.ends_at_newline).then_some(byte))
    }

    /// Passes over the byte that [`Text::peek`] showed.
    fn bump(&mut self) {
        self.line += u64::from(self.buffer[self.at] == b'\n');
        self.at += 1;
    }

    /// Passes over white space; answers the byte behind it.
    fn skip_space(&mut self) -> io::Result<Option<u8>> {
        while let Some(byte) = self.peek()? {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Ok(Some(byte));
            }
            self.bump();
        }
        Ok(None)
    }

    /// Passes over white space on this line; answers the byte behind it, `None` at its end.
    fn skip_blanks(&mut self) -> io::Result<Option<u8>> {
        debug_assert!(self.ends_at_newline);
        self.skip_space()
    }

    fn skip_line(&mut self) -> io::Result<()> {
        while let Some(byte) = self.peek()? {
            self.bump();
            if byte == b'\n' {
                break;
            }
        }
        Ok(())
    }

    /// Editors on Windows begin UTF-8 files with three bytes that mean nothing.
    fn skip_byte_order_mark(&mut self) -> io::Result<()> {
        if self.fill()? && self.buffer[..self.end].starts_with(b"\xef\xbb\xbf") {
            self.at = 3;
        }
        Ok(())
    }

    /// Whether each line holds a value of its own, as in NDJSON. `by_name` says what the name
    /// of the file suggests; the first line decides.
    fn has_line_per_value(&mut self, by_name: bool) -> io::Result<bool> {
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
    fn capture(&mut self, kept: &mut Kept) -> io::Result<bool> {
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
