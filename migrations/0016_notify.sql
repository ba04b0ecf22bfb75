-- What somebody has to know of: one row for each thing that went wrong until it is over, whom it
-- was sent to, and how each person wants to be told.
CREATE TABLE notification (
  id INTEGER PRIMARY KEY,
  subject TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'over')),
  severity TEXT NOT NULL CHECK (severity IN ('warning', 'critical')),
  words TEXT NOT NULL,
  facts TEXT NOT NULL,
  times INTEGER NOT NULL DEFAULT 1,
  raised_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  over_at INTEGER,
  told_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX notification_open ON notification (subject) WHERE state = 'open';
CREATE INDEX notification_told ON notification (told_at, id);
CREATE INDEX notification_state ON notification (state, told_at, id);

CREATE TABLE notification_delivery (
  notification_id INTEGER NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  recipient TEXT NOT NULL,
  name TEXT NOT NULL,
  event TEXT NOT NULL CHECK (event IN ('raised', 'worse', 'over', 'test')),
  due_at INTEGER NOT NULL,
  job_id INTEGER REFERENCES job (id) ON DELETE SET NULL,
  ended_at INTEGER,
  outcome TEXT CHECK (outcome IN ('sent', 'dropped')),
  PRIMARY KEY (notification_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX notification_delivery_due ON notification_delivery (recipient, due_at)
  WHERE ended_at IS NULL;
CREATE INDEX notification_delivery_job ON notification_delivery (job_id) WHERE job_id IS NOT NULL;

CREATE TABLE notification_preference (
  user_id INTEGER PRIMARY KEY REFERENCES app_user (id),
  email TEXT,
  level TEXT NOT NULL CHECK (level IN ('all', 'critical', 'none')),
  quiet_from INTEGER CHECK (quiet_from BETWEEN 0 AND 1439),
  quiet_until INTEGER CHECK (quiet_until BETWEEN 0 AND 1439),
  language TEXT NOT NULL,
  digest TEXT NOT NULL CHECK (digest IN ('none', 'weekly', 'daily')),
  seen_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  updated_at INTEGER NOT NULL
) STRICT;
