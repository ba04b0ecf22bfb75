-- A visit that was placed under broken glass opens the record to whoever broke it when the review
-- found it justified, and not before. Taking a mark of confidentiality away is reviewed like it.
CREATE TABLE reviewed_access (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES app_user (id),
  session_id INTEGER,
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  reason TEXT NOT NULL CHECK (reason IN ('emergency', 'covering', 'consult', 'transfer', 'patient_request', 'technical', 'unmarked')),
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
INSERT INTO reviewed_access SELECT id, user_id, session_id, patient_id, reason, text, opened_at,
  expires_at, closed_at, reviewed_by, reviewed_at, verdict, review_note, version, created_at,
  updated_at FROM break_glass;
DROP TABLE break_glass;
ALTER TABLE reviewed_access RENAME TO break_glass;
CREATE INDEX break_glass_held ON break_glass (user_id, patient_id, expires_at);
CREATE INDEX break_glass_running ON break_glass (user_id, expires_at) WHERE closed_at IS NULL;
CREATE INDEX break_glass_user ON break_glass (user_id, opened_at, id);
CREATE INDEX break_glass_opened ON break_glass (opened_at, id);
CREATE INDEX break_glass_waiting ON break_glass (opened_at, id) WHERE reviewed_at IS NULL;
CREATE INDEX break_glass_patient ON break_glass (patient_id, opened_at, id);

-- Under which broken glass a visit was made, moved, opened or ended.
CREATE TABLE encounter_emergency (
  encounter_id INTEGER NOT NULL REFERENCES encounter (id) DEFERRABLE INITIALLY DEFERRED,
  emergency_id INTEGER NOT NULL REFERENCES break_glass (id),
  PRIMARY KEY (encounter_id, emergency_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX encounter_emergency_glass ON encounter_emergency (emergency_id);
