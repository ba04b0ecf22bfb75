//! What came before the thing that it belongs to. It waits in the store, not in memory.

use serde_json::{Value as Json, json};

use super::links;
use super::rows::Said;
use super::step::Step;
use crate::interop::fhir::{Kind, Link, Reference};
use crate::interop::source::Piece;
use crate::platform::resource::Resource;
use crate::store::{ReadTx, StoreError, Tx, Value};

/// All kinds, so that a link read back can borrow the one it wants.
static KINDS: [Kind; 14] = Kind::ALL;

/// A field of a stored record that points to something that has not come yet.
#[derive(Debug, Clone)]
pub(super) struct OpenLink {
    /// The kind of record.
    pub(super) resource: &'static Resource,
    /// Which record.
    pub(super) record: i64,
    /// The field and where it points.
    pub(super) link: Link,
    /// For a field of a list: the row that has it.
    pub(super) said: Option<Said>,
}

/// A piece that waits, with its place in the queue.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    /// Its place.
    pub(super) position: i64,
    /// What was read.
    pub(super) piece: Piece,
}

/// A field that waits for a record to point to.
#[derive(Debug, Clone)]
pub(super) struct WaitingLink {
    /// Its place.
    pub(super) position: i64,
    /// The kind of record that has the field.
    pub(super) kind: String,
    /// Which record.
    pub(super) record: i64,
    /// The field, with the reference it stands for.
    pub(super) field: String,
    /// The reference as text.
    pub(super) target: String,
}

/// Lets the piece of `step` wait. Places are counted, so that none is given out twice.
///
/// # Errors
/// What the store says.
pub(super) fn keep(tx: &Tx<'_>, run: i64, step: &Step) -> Result<(), StoreError> {
    let sql = "INSERT INTO import_waiting (run_id, position, file, line, is_entry, text) \
        SELECT ?1, coalesce(max(position), 0) + 1, ?2, ?3, ?4, ?5 \
        FROM import_waiting WHERE run_id = ?1";
    let piece = &step.piece;
    let params = [
        run.into(),
        piece.file.as_ref().into(),
        i64::try_from(piece.line).unwrap_or(0).into(),
        piece.is_entry.into(),
        Value::Blob(piece.bytes.clone()),
    ];
    tx.execute(sql, &params)?;
    Ok(())
}

/// The next pieces after `position`, at most `most`.
///
/// # Errors
/// What the store says.
pub(super) fn next(
    tx: &ReadTx<'_>,
    run: i64,
    position: i64,
    most: i64,
) -> Result<Vec<Waiting>, StoreError> {
    let sql = "SELECT position, file, line, is_entry, text FROM import_waiting \
        WHERE run_id = ?1 AND ?2 < position ORDER BY position LIMIT ?3";
    tx.all(sql, &[run.into(), position.into(), most.into()], |row| {
        let file: String = row.get(1)?;
        let line = u64::try_from(row.get::<i64>(2)?).unwrap_or(0);
        let piece = Piece { file: file.into(), line, is_entry: row.get(3)?, bytes: row.get(4)? };
        Ok(Waiting { position: row.get(0)?, piece })
    })
}

/// The piece at `position` waits no more.
///
/// # Errors
/// What the store says.
pub(super) fn done(tx: &Tx<'_>, run: i64, position: i64) -> Result<(), StoreError> {
    let sql = "DELETE FROM import_waiting WHERE run_id = ?1 AND position = ?2";
    tx.execute(sql, &[run.into(), position.into()])?;
    Ok(())
}

/// Lets the field of a link wait. Places are counted, so that none is given out twice.
///
/// # Errors
/// What the store says.
pub(super) fn keep_link(tx: &Tx<'_>, run: i64, open: &OpenLink) -> Result<(), StoreError> {
    let sql = "INSERT INTO import_waiting_link (run_id, position, kind, record_id, field, target) \
        SELECT ?1, coalesce(max(position), 0) + 1, ?2, ?3, ?4, ?5 \
        FROM import_waiting_link WHERE run_id = ?1";
    let params = [
        run.into(),
        open.resource.path.into(),
        open.record.into(),
        open.link.field.as_str().into(),
        to_text(open).into(),
    ];
    tx.execute(sql, &params)?;
    Ok(())
}

/// A link as it is kept while it waits.
fn to_text(OpenLink { link, said, .. }: &OpenLink) -> String {
    let wants: Vec<&str> = link.wants.iter().map(|kind| kind.fhir()).collect();
    let said = said.as_ref().map(Said::to_json);
    let to = links::target(&link.to);
    json!({"wants": wants, "to": to, "display": link.display, "said": said}).to_string()
}

/// The link again, and what its row said. The kinds it wants are looked for in turn.
#[must_use]
pub(super) fn from_text(field: &str, text: &str) -> (Vec<Link>, Option<Said>) {
    let json: Json = serde_json::from_str(text).unwrap_or(Json::Null);
    let string = |name: &str| json["to"][name].as_str().map(str::to_owned);
    let to = match (string("id"), string("value")) {
        (Some(id), _) => {
            let kind = string("kind").and_then(|kind| Kind::of(&kind));
            Reference::Resource { kind, id }
        }
        (None, Some(value)) => Reference::Identified { system: string("system"), value },
        (None, None) => Reference::Display,
    };
    let wants = json["wants"].as_array().into_iter().flatten();
    let kinds = wants.filter_map(|kind| Kind::of(kind.as_str()?));
    let one = |kind: Kind| Kind::ALL.iter().position(|known| *known == kind);
    let links = kinds.filter_map(one).map(|at| Link {
        field: field.to_owned(),
        wants: std::slice::from_ref(&KINDS[at]),
        to: to.clone(),
        display: json["display"].as_str().map(str::to_owned),
    });
    (links.collect(), Said::from_json(&json["said"]))
}

/// The next waiting fields after `position`, at most `most`.
///
/// # Errors
/// What the store says.
pub(super) fn next_links(
    tx: &ReadTx<'_>,
    run: i64,
    position: i64,
    most: i64,
) -> Result<Vec<WaitingLink>, StoreError> {
    let sql = "SELECT position, kind, record_id, field, target FROM import_waiting_link \
        WHERE run_id = ?1 AND ?2 < position ORDER BY position LIMIT ?3";
    tx.all(sql, &[run.into(), position.into(), most.into()], |row| {
        Ok(WaitingLink {
            position: row.get(0)?,
            kind: row.get(1)?,
            record: row.get(2)?,
            field: row.get(3)?,
            target: row.get(4)?,
        })
    })
}

/// Forgets everything that waits in the run up to `position`.
///
/// # Errors
/// What the store says.
pub(super) fn forget_links(tx: &Tx<'_>, run: i64, position: i64) -> Result<(), StoreError> {
    let sql = "DELETE FROM import_waiting_link WHERE run_id = ?1 AND position <= ?2";
    tx.execute(sql, &[run.into(), position.into()])?;
    Ok(())
}

/// Forgets all that an earlier, interrupted attempt of the run let wait: its files are read
/// again from the beginning. `false` when nothing is left.
///
/// # Errors
/// What the store says.
pub(super) fn clear(tx: &Tx<'_>, run: i64, most: i64) -> Result<bool, StoreError> {
    let mut gone = 0;
    for table in ["import_waiting", "import_waiting_link"] {
        let sql = format!(
            "DELETE FROM {table} WHERE run_id = ?1 AND position IN \
             (SELECT position FROM {table} WHERE run_id = ?1 LIMIT ?2)"
        );
        gone += tx.execute(&sql, &[run.into(), most.into()])?;
    }
    let sql = "DELETE FROM import_reject WHERE id IN \
        (SELECT id FROM import_reject WHERE run_id = ?1 LIMIT ?2)";
    gone += tx.execute(sql, &[run.into(), most.into()])?;
    Ok(0 < gone)
}
