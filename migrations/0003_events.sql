-- AUTOINCREMENT: a number is never given twice, also when the rows that had it were cleared
-- away. It is counted in the transaction, so a change that is undone leaves no gap.
ALTER TABLE outbox RENAME TO outbox_before;
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  event TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_id INTEGER NOT NULL,
  patient_id INTEGER
) STRICT;
INSERT INTO outbox (seq, at, event, subject_kind, subject_id, patient_id)
  SELECT seq, at, event, subject_kind, subject_id, patient_id FROM outbox_before ORDER BY seq;
DROP TABLE outbox_before;

-- Up to which row of the outbox each listener has come that keeps no place of its own.
CREATE TABLE listener (
  name TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
