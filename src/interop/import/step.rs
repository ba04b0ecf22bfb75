//! A resource on its way from the file into the store.

use std::sync::Arc;

use crate::interop::fhir::{self, Mapped, Outcome};
use crate::interop::source::{Limits, Piece, Reject};

/// A resource on its way into the store.
#[derive(Debug)]
pub(super) struct Step {
    /// Where it was read.
    pub(super) piece: Arc<Piece>,
    /// The FHIR type and, for a record, its mapping; or why not.
    pub(super) what: What,
    /// Its place in the queue of what waits, if it has one.
    pub(super) queued: Option<i64>,
}

/// What a resource is for us.
#[derive(Debug)]
pub(super) enum What {
    /// It has a place.
    Record(Box<Mapped>),
    /// Its type has none, and why.
    LeftOut { kind: String, reason: &'static str },
    /// It cannot be taken, and why.
    Rejected(Reject),
}

impl Step {
    /// The FHIR type, to count it under.
    pub(super) fn kind(&self) -> &str {
        match &self.what {
            What::Record(mapped) => mapped.kind.fhir(),
            What::LeftOut { kind, .. } => kind,
            What::Rejected(reject) => {
                let name = reject.resource.as_deref().unwrap_or("unreadable");
                name.split('/').next().unwrap_or(name)
            }
        }
    }

    /// A reject of it, with its place.
    pub(super) fn reject(&self, reason: &str) -> Reject {
        let resource = match &self.what {
            What::Record(mapped) => Some(format!("{}/{}", mapped.kind.fhir(), mapped.source_id)),
            _ => None,
        };
        let (file, line) = (self.piece.file.to_string(), Some(self.piece.line));
        Reject { file, line, resource, reason: reason.to_owned() }
    }
}

/// Maps whatever `piece` holds.
pub(super) fn steps_of<'a>(piece: Piece, source: &'a str) -> impl Iterator<Item = Step> + 'a {
    let items = piece.items(&Limits::STANDARD);
    let piece = Arc::new(piece);
    items.into_iter().map(move |item| {
        // What may wait is its own entry, not all that came with it.
        let own = item.as_ref().ok().and_then(|item| {
            let bytes = piece.bytes.get(item.entry.clone()?)?.to_vec();
            let (file, line) = (Arc::clone(&piece.file), item.line);
            Some(Arc::new(Piece { file, line, bytes, is_entry: true }))
        });
        let what = match item.map(|item| fhir::map(item, source)) {
            Ok(Outcome::Record(mapped)) => What::Record(mapped),
            Ok(Outcome::LeftOut { kind, reason }) => What::LeftOut { kind, reason },
            Ok(Outcome::Rejected(reject)) | Err(reject) => What::Rejected(reject),
        };
        Step { piece: own.unwrap_or_else(|| Arc::clone(&piece)), what, queued: None }
    })
}

/// A step that only says what could not be read.
pub(super) fn rejected(reject: Reject) -> Step {
    let piece = Piece {
        file: reject.file.as_str().into(),
        line: reject.line.unwrap_or(0),
        bytes: Vec::new(),
        is_entry: false,
    };
    Step { piece: Arc::new(piece), what: What::Rejected(reject), queued: None }
}
