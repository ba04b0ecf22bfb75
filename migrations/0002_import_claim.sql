-- Which numbers a source's resource claims to have, whether or not they became its record's:
-- another record may have had them first. A reference by number means whoever its own files say.
CREATE TABLE import_claim (
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  source_id TEXT NOT NULL,
  system TEXT NOT NULL,
  value TEXT NOT NULL,
  record_id INTEGER NOT NULL,
  run_id INTEGER NOT NULL,
  PRIMARY KEY (source, kind, source_id, system, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_claim_number ON import_claim (kind, system, value);
