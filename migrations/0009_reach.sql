-- Who sees which patient: those whose record is confidential are seen by their care team only,
-- whoever registered somebody sees them for a day, and who breaks the glass says why.
ALTER TABLE patient ADD COLUMN confidential TEXT
  CHECK (confidential IN ('staff', 'vip', 'request', 'other'));
ALTER TABLE patient ADD COLUMN registered_by INTEGER REFERENCES app_user (id);
-- Few are; so that a page of anybody's records is asked about them in a small index.
CREATE INDEX patient_confidential ON patient (id) WHERE confidential IS NOT NULL;

CREATE TABLE care_team_member (
  id INTEGER PRIMARY KEY,
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  user_id INTEGER NOT NULL REFERENCES app_user (id),
  since_at INTEGER NOT NULL,
  until_at INTEGER,
  added_by INTEGER REFERENCES app_user (id),
  ended_at INTEGER,
  ended_by INTEGER REFERENCES app_user (id),
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX care_team_member_current ON care_team_member (user_id, patient_id)
  WHERE ended_at IS NULL;
CREATE INDEX care_team_member_patient ON care_team_member (patient_id, since_at, id);

-- Every time that somebody opened a record out of their reach. The session goes with its time;
-- which one it was stays.
CREATE TABLE break_glass (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES app_user (id),
  session_id INTEGER,
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  reason TEXT NOT NULL CHECK (reason IN ('emergency', 'covering', 'consult', 'transfer', 'patient_request', 'technical')),
  text TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  closed_at INTEGER,
  reviewed_by INTEGER REFERENCES app_user (id),
  reviewed_at INTEGER,
  verdict TEXT CHECK (verdict IN ('justified', 'not_justified')),
  review_note TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX break_glass_held ON break_glass (user_id, patient_id, expires_at);
CREATE INDEX break_glass_running ON break_glass (user_id, expires_at) WHERE closed_at IS NULL;
CREATE INDEX break_glass_user ON break_glass (user_id, opened_at, id);
CREATE INDEX break_glass_opened ON break_glass (opened_at, id);
CREATE INDEX break_glass_waiting ON break_glass (opened_at, id) WHERE reviewed_at IS NULL;
CREATE INDEX break_glass_patient ON break_glass (patient_id, opened_at, id);
