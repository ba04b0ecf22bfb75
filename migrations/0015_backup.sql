-- The backups that lie at the target, as far as this server knows, and when one was last restored
-- to see that it can be. The manifests there are the truth; a row is found again from them.
CREATE TABLE backup (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('verified', 'broken', 'gone')),
  made_at INTEGER NOT NULL,
  took_ms INTEGER,
  database_bytes INTEGER NOT NULL,
  stored_bytes INTEGER NOT NULL,
  patients INTEGER NOT NULL,
  schema_version INTEGER NOT NULL,
  drilled_at INTEGER,
  drill_outcome TEXT CHECK (drill_outcome IN ('passed', 'failed')),
  drill_detail TEXT,
  drill_took_ms INTEGER,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX backup_made ON backup (made_at, id);
CREATE INDEX backup_state ON backup (state, made_at, id);
CREATE INDEX backup_drilled ON backup (drilled_at) WHERE drilled_at IS NOT NULL;
