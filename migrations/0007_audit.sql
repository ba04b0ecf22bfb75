-- What an audit row says beside who, what and when: in which role, from where, why, and how
-- often the same page was looked at within a minute. `form` is the rule by which the row's hash
-- was made: 1 for rows from before, which have none of these columns in it, 2 for all since.
ALTER TABLE audit ADD COLUMN form INTEGER NOT NULL DEFAULT 1 CHECK (form IN (1, 2));
ALTER TABLE audit ADD COLUMN last_at INTEGER;
ALTER TABLE audit ADD COLUMN count INTEGER NOT NULL DEFAULT 1 CHECK (0 < count);
ALTER TABLE audit ADD COLUMN role TEXT;
ALTER TABLE audit ADD COLUMN address TEXT;
ALTER TABLE audit ADD COLUMN reason TEXT;

-- One for each filter of the viewer, in its order: by time, then by number.
DROP INDEX audit_patient;
DROP INDEX audit_actor;
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_patient ON audit (patient_id, at) WHERE patient_id IS NOT NULL;
CREATE INDEX audit_actor ON audit (actor_id, at) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_act ON audit (act, at);
CREATE INDEX audit_address ON audit (address, at) WHERE address IS NOT NULL;
CREATE INDEX audit_refused ON audit (at) WHERE outcome = 'refused';

-- What stands for the rows that were moved into an archive: from which to which, the hashes at
-- both ends, and the digest of the archive's content. The audit row `sealed_by` carries `seal`,
-- so that nobody can put a row here that the chain does not know of.
CREATE TABLE audit_archive (
  first_id INTEGER PRIMARY KEY,
  last_id INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  before BLOB NOT NULL,
  hash BLOB NOT NULL,
  file TEXT NOT NULL,
  digest BLOB NOT NULL,
  archived_at INTEGER NOT NULL,
  seal BLOB NOT NULL,
  sealed_by INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pruning', 'archived', 'restoring'))
) STRICT;
