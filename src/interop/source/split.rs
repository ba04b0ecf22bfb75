//! Cuts JSON text into resources without ever holding more than one of them.
//!
//! A Bundle is cut at its entries, NDJSON at its lines, anything else at its top-level values.
//! Only brackets and strings are looked at here; whether a piece is good JSON is found out
//! when it is parsed, so that one bad resource costs itself and nothing around it.

use super::item_check::resource_name;
use super::text::{Kept, Text};
use super::{Found, Piece, Reject, Sink, Stop};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;

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
