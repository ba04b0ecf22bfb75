-- How the server does, measured time and again, and what it warns of. `watch_sample` holds what the
-- charts show: ring 0 is an hour in steps of ten seconds, 1 a day of five minutes, 2 a month of hours.
CREATE TABLE watch_sample (
  ring INTEGER NOT NULL CHECK (ring IN (0, 1, 2)),
  at INTEGER NOT NULL,
  figures BLOB NOT NULL,
  PRIMARY KEY (ring, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_rule (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  series TEXT NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('above', 'below')),
  warning TEXT,
  critical TEXT,
  clear TEXT,
  for_s INTEGER NOT NULL CHECK (for_s BETWEEN 0 AND 86400),
  enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE alert (
  id INTEGER PRIMARY KEY,
  rule_id INTEGER NOT NULL REFERENCES alert_rule (id),
  series TEXT NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('warning', 'critical')),
  value TEXT,
  threshold TEXT,
  is_test INTEGER NOT NULL DEFAULT 0 CHECK (is_test IN (0, 1)),
  raised_at INTEGER NOT NULL,
  escalated_at INTEGER,
  told_at INTEGER,
  acknowledged_at INTEGER,
  acknowledged_by INTEGER REFERENCES app_user (id),
  acknowledged_name TEXT,
  recovered_at INTEGER,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
-- An alert that goes on is one row.
CREATE UNIQUE INDEX alert_open ON alert (rule_id) WHERE recovered_at IS NULL;
CREATE INDEX alert_rule_id ON alert (rule_id, id);
CREATE INDEX alert_acknowledged_by ON alert (acknowledged_by) WHERE acknowledged_by IS NOT NULL;

CREATE TABLE alert_silence (
  id INTEGER PRIMARY KEY,
  rule_id INTEGER REFERENCES alert_rule (id),
  minutes INTEGER NOT NULL,
  reason TEXT NOT NULL,
  until_at INTEGER NOT NULL,
  ordered_by INTEGER REFERENCES app_user (id),
  ordered_name TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX alert_silence_until ON alert_silence (until_at);
CREATE INDEX alert_silence_rule ON alert_silence (rule_id) WHERE rule_id IS NOT NULL;
CREATE INDEX alert_silence_by ON alert_silence (ordered_by) WHERE ordered_by IS NOT NULL;
