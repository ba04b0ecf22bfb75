-- What the server does in the background: jobs with each of their attempts, and when which comes
-- by the clock.
CREATE TABLE job (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'dead', 'cancelled')),
  priority INTEGER NOT NULL,
  unique_key TEXT,
  run_at INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  tries_max INTEGER NOT NULL,
  cancelling INTEGER NOT NULL DEFAULT 0 CHECK (cancelling IN (0, 1)),
  progress_done INTEGER,
  progress_total INTEGER,
  result TEXT,
  error_code TEXT,
  error_detail TEXT,
  ordered_by INTEGER REFERENCES app_user (id),
  started_at INTEGER,
  ended_at INTEGER,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX job_unique ON job (unique_key)
  WHERE unique_key IS NOT NULL AND state IN ('waiting', 'running');
CREATE INDEX job_due ON job (priority, run_at, id) WHERE state = 'waiting';
CREATE INDEX job_running ON job (id) WHERE state = 'running';
CREATE INDEX job_state ON job (state, id);
CREATE INDEX job_kind ON job (kind, id);
CREATE INDEX job_ended ON job (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE job_attempt (
  job_id INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  outcome TEXT CHECK (outcome IN ('done', 'failed', 'timed_out', 'interrupted', 'cancelled')),
  error_code TEXT,
  error_detail TEXT,
  PRIMARY KEY (job_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE schedule (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL UNIQUE,
  cron TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  catch_up INTEGER NOT NULL DEFAULT 1 CHECK (catch_up IN (0, 1)),
  zone TEXT,
  next_at INTEGER,
  last_at INTEGER,
  last_job_id INTEGER REFERENCES job (id) ON DELETE SET NULL,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX schedule_next ON schedule (next_at) WHERE active = 1;
CREATE INDEX schedule_job ON schedule (last_job_id) WHERE last_job_id IS NOT NULL;
