-- The hospital, its people, its patients and their records.
-- Times are microseconds since 1970-01-01 UTC, dates ISO 8601 text (possibly reduced to a
-- year or a month), booleans 0/1. A column `x_recorded` keeps a clinical time exactly as it
-- was written (partial, or with its own offset); `x_at` beside it is the instant it starts.

CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- Numbers that are given out in order.
CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT;

CREATE TABLE facility (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  phone TEXT,
  address TEXT,
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

-- People who sign in.
CREATE TABLE app_user (
  id INTEGER PRIMARY KEY,
  facility_id INTEGER REFERENCES facility (id),
  username TEXT NOT NULL,
  display_name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('administrator', 'reception', 'clinician', 'nurse')),
  password_hash TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  last_sign_in_at INTEGER,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX app_user_username ON app_user (lower(username));

CREATE TABLE session (
  id INTEGER PRIMARY KEY,
  token_hash BLOB NOT NULL,
  user_id INTEGER NOT NULL REFERENCES app_user (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE UNIQUE INDEX session_token ON session (token_hash);
CREATE INDEX session_user ON session (user_id, id);
CREATE INDEX session_expiry ON session (expires_at);

-- What each person did to whom; every row carries the hash of the one before it.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor_id INTEGER,
  actor_name TEXT NOT NULL,
  act TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused')),
  subject_kind TEXT NOT NULL,
  subject_id INTEGER,
  patient_id INTEGER,
  request_id TEXT,
  detail TEXT,
  hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_patient ON audit (patient_id, id) WHERE patient_id IS NOT NULL;
CREATE INDEX audit_actor ON audit (actor_id, id) WHERE actor_id IS NOT NULL;

-- What happened, for listeners, in the order in which it was committed.
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  event TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_id INTEGER NOT NULL,
  patient_id INTEGER
) STRICT;

-- Earlier versions of every record that was changed.
CREATE TABLE history (
  subject_kind TEXT NOT NULL,
  subject_id INTEGER NOT NULL,
  version INTEGER NOT NULL,
  replaced_at INTEGER NOT NULL,
  replaced_by INTEGER,
  body TEXT NOT NULL,
  PRIMARY KEY (subject_kind, subject_id, version)
) STRICT, WITHOUT ROWID;

-- Answers to creates that carried an Idempotency-Key.
CREATE TABLE idempotency (
  key_hash BLOB PRIMARY KEY,
  request_hash BLOB NOT NULL,
  record_id INTEGER NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency (created_at);

-- Those who give care: in this house and elsewhere.
CREATE TABLE organization (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  kind_text TEXT,
  phone TEXT,
  address TEXT,
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX organization_name ON organization (name, id);

CREATE TABLE practitioner (
  id INTEGER PRIMARY KEY,
  organization_id INTEGER REFERENCES organization (id),
  family TEXT NOT NULL,
  given TEXT NOT NULL DEFAULT '',
  prefix TEXT,
  sex TEXT NOT NULL DEFAULT 'unknown' CHECK (sex IN ('female', 'male', 'other', 'unknown')),
  specialty_text TEXT,
  phone TEXT,
  email TEXT,
  address TEXT,
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX practitioner_name ON practitioner (family, id);

-- Places where care was given.
CREATE TABLE location (
  id INTEGER PRIMARY KEY,
  organization_id INTEGER REFERENCES organization (id),
  name TEXT NOT NULL,
  phone TEXT,
  address TEXT,
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX location_name ON location (name, id);

-- Numbers by which the outside world knows an organization, a practitioner or a location.
CREATE TABLE organization_identifier (
  organization_id INTEGER NOT NULL REFERENCES organization (id),
  position INTEGER NOT NULL,
  system TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (organization_id, position)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX organization_identifier_number ON organization_identifier (system, value);

CREATE TABLE practitioner_identifier (
  practitioner_id INTEGER NOT NULL REFERENCES practitioner (id),
  position INTEGER NOT NULL,
  system TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (practitioner_id, position)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX practitioner_identifier_number ON practitioner_identifier (system, value);

CREATE TABLE location_identifier (
  location_id INTEGER NOT NULL REFERENCES location (id),
  position INTEGER NOT NULL,
  system TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (location_id, position)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX location_identifier_number ON location_identifier (system, value);

-- The name columns repeat the preferred row of patient_name, so that a list is one table.
CREATE TABLE patient (
  id INTEGER PRIMARY KEY,
  facility_id INTEGER NOT NULL REFERENCES facility (id),
  mrn TEXT NOT NULL,
  family TEXT NOT NULL,
  given TEXT NOT NULL DEFAULT '',
  prefix TEXT,
  name_key TEXT NOT NULL,
  birth_date TEXT,
  birth_date_estimated INTEGER NOT NULL DEFAULT 0 CHECK (birth_date_estimated IN (0, 1)),
  sex TEXT NOT NULL CHECK (sex IN ('female', 'male', 'other', 'unknown')),
  gender TEXT,
  phone TEXT,
  deceased INTEGER NOT NULL DEFAULT 0 CHECK (deceased IN (0, 1)),
  deceased_at INTEGER,
  deceased_recorded TEXT,
  marital_status_text TEXT,
  language_text TEXT,
  multiple_birth INTEGER,
  allergies_reviewed_at INTEGER,
  allergies_reviewed_by INTEGER REFERENCES app_user (id),
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX patient_mrn ON patient (mrn);
CREATE INDEX patient_name_key ON patient (name_key, id);
CREATE INDEX patient_birth_date ON patient (birth_date, id);

CREATE TABLE patient_name (
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  position INTEGER NOT NULL,
  name_use TEXT NOT NULL CHECK (name_use IN ('official', 'usual', 'maiden', 'nickname', 'alias', 'temporary', 'old')),
  family TEXT NOT NULL,
  given TEXT NOT NULL,
  prefix TEXT,
  suffix TEXT,
  PRIMARY KEY (patient_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE patient_identifier (
  system TEXT NOT NULL,
  value_key TEXT NOT NULL,
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  position INTEGER NOT NULL,
  type_code TEXT,
  type_text TEXT,
  value TEXT NOT NULL,
  PRIMARY KEY (system, value_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX patient_identifier_owner ON patient_identifier (patient_id, position);

CREATE TABLE patient_telecom (
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  position INTEGER NOT NULL,
  system TEXT NOT NULL CHECK (system IN ('phone', 'email', 'sms', 'fax', 'url', 'pager', 'other')),
  telecom_use TEXT,
  value TEXT NOT NULL,
  PRIMARY KEY (patient_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE patient_address (
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  position INTEGER NOT NULL,
  address_use TEXT,
  line TEXT,
  city TEXT,
  district TEXT,
  state TEXT,
  postal_code TEXT,
  country TEXT,
  PRIMARY KEY (patient_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE patient_contact (
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  position INTEGER NOT NULL,
  relationship TEXT,
  name TEXT NOT NULL,
  phone TEXT,
  PRIMARY KEY (patient_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE encounter (
  id INTEGER PRIMARY KEY,
  facility_id INTEGER NOT NULL REFERENCES facility (id),
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  status TEXT NOT NULL CHECK (status IN ('planned', 'arrived', 'triaged', 'in_progress', 'on_leave', 'finished', 'cancelled', 'entered_in_error', 'unknown')),
  class TEXT NOT NULL CHECK (class IN ('ambulatory', 'emergency', 'inpatient', 'observation', 'home', 'virtual', 'urgent_care', 'wellness', 'hospice', 'other')),
  code_system TEXT,
  code TEXT,
  code_text TEXT,
  reason_system TEXT,
  reason_code TEXT,
  reason_text TEXT,
  started_at INTEGER,
  started_recorded TEXT,
  ended_at INTEGER,
  ended_recorded TEXT,
  organization_id INTEGER REFERENCES organization (id),
  location_id INTEGER REFERENCES location (id),
  discharge_text TEXT,
  error_reason TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX encounter_patient ON encounter (patient_id, started_at, id);

CREATE TABLE encounter_participant (
  encounter_id INTEGER NOT NULL REFERENCES encounter (id),
  position INTEGER NOT NULL,
  practitioner_id INTEGER REFERENCES practitioner (id),
  role_text TEXT,
  name TEXT,
  PRIMARY KEY (encounter_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE condition (
  id INTEGER PRIMARY KEY,
  facility_id INTEGER NOT NULL REFERENCES facility (id),
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  encounter_id INTEGER REFERENCES encounter (id),
  status TEXT NOT NULL CHECK (status IN ('active', 'recurrence', 'relapse', 'inactive', 'remission', 'resolved', 'entered_in_error', 'unknown')),
  verification TEXT NOT NULL CHECK (verification IN ('confirmed', 'provisional', 'differential', 'unconfirmed', 'refuted', 'unknown')),
  category TEXT,
  code_system TEXT,
  code TEXT,
  code_text TEXT NOT NULL,
  severity_text TEXT,
  onset_at INTEGER,
  onset_recorded TEXT,
  abated_at INTEGER,
  abated_recorded TEXT,
  recorded_at INTEGER,
  recorded_recorded TEXT,
  note TEXT,
  error_reason TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX condition_patient ON condition (patient_id, onset_at, id);

CREATE TABLE allergy (
  id INTEGER PRIMARY KEY,
  facility_id INTEGER NOT NULL REFERENCES facility (id),
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  encounter_id INTEGER REFERENCES encounter (id),
  status TEXT NOT NULL CHECK (status IN ('active', 'inactive', 'resolved', 'entered_in_error', 'unknown')),
  verification TEXT NOT NULL CHECK (verification IN ('confirmed', 'presumed', 'unconfirmed', 'refuted', 'unknown')),
  kind TEXT CHECK (kind IN ('allergy', 'intolerance')),
  category TEXT,
  criticality TEXT CHECK (criticality IN ('low', 'high', 'unable_to_assess')),
  code_system TEXT,
  code TEXT,
  code_text TEXT NOT NULL,
  reaction_text TEXT,
  severity TEXT CHECK (severity IN ('mild', 'moderate', 'severe')),
  onset_at INTEGER,
  onset_recorded TEXT,
  recorded_at INTEGER,
  recorded_recorded TEXT,
  note TEXT,
  error_reason TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX allergy_patient ON allergy (patient_id, recorded_at, id);

-- A measured, coded or written value. A decimal is kept as the digits that were written.
CREATE TABLE observation (
  id INTEGER PRIMARY KEY,
  facility_id INTEGER NOT NULL REFERENCES facility (id),
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  encounter_id INTEGER REFERENCES encounter (id),
  status TEXT NOT NULL CHECK (status IN ('registered', 'preliminary', 'final', 'amended', 'corrected', 'cancelled', 'entered_in_error', 'unknown')),
  category TEXT,
  code_system TEXT,
  code TEXT,
  code_text TEXT NOT NULL,
  effective_at INTEGER,
  effective_recorded TEXT,
  issued_at INTEGER,
  issued_recorded TEXT,
  value_decimal TEXT,
  value_comparator TEXT,
  unit TEXT,
  unit_code TEXT,
  value_system TEXT,
  value_code TEXT,
  value_text TEXT,
  range_low TEXT,
  range_high TEXT,
  range_text TEXT,
  interpretation TEXT,
  absent_reason TEXT,
  note TEXT,
  error_reason TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX observation_patient ON observation (patient_id, effective_at, id);

CREATE TABLE observation_component (
  observation_id INTEGER NOT NULL REFERENCES observation (id),
  position INTEGER NOT NULL,
  code_system TEXT,
  code TEXT,
  code_text TEXT NOT NULL,
  value_decimal TEXT,
  value_comparator TEXT,
  unit TEXT,
  unit_code TEXT,
  value_system TEXT,
  value_code TEXT,
  value_text TEXT,
  PRIMARY KEY (observation_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE medication_request (
  id INTEGER PRIMARY KEY,
  facility_id INTEGER NOT NULL REFERENCES facility (id),
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  encounter_id INTEGER REFERENCES encounter (id),
  requester_id INTEGER REFERENCES practitioner (id),
  status TEXT NOT NULL CHECK (status IN ('draft', 'active', 'on_hold', 'completed', 'stopped', 'cancelled', 'entered_in_error', 'unknown')),
  intent TEXT NOT NULL CHECK (intent IN ('proposal', 'plan', 'order', 'other')),
  code_system TEXT,
  code TEXT,
  code_text TEXT NOT NULL,
  dose_text TEXT,
  dose_decimal TEXT,
  dose_unit TEXT,
  route_text TEXT,
  frequency INTEGER,
  period_decimal TEXT,
  period_unit TEXT,
  as_needed INTEGER NOT NULL DEFAULT 0 CHECK (as_needed IN (0, 1)),
  reason_text TEXT,
  reason_condition_id INTEGER REFERENCES condition (id),
  authored_at INTEGER,
  authored_recorded TEXT,
  note TEXT,
  error_reason TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX medication_request_patient ON medication_request (patient_id, authored_at, id);

CREATE TABLE immunization (
  id INTEGER PRIMARY KEY,
  facility_id INTEGER NOT NULL REFERENCES facility (id),
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  encounter_id INTEGER REFERENCES encounter (id),
  location_id INTEGER REFERENCES location (id),
  status TEXT NOT NULL CHECK (status IN ('completed', 'not_done', 'entered_in_error')),
  code_system TEXT,
  code TEXT,
  code_text TEXT NOT NULL,
  given_at INTEGER,
  given_recorded TEXT,
  primary_source INTEGER CHECK (primary_source IN (0, 1)),
  lot_number TEXT,
  expiry_date TEXT,
  site_text TEXT,
  route_text TEXT,
  dose_decimal TEXT,
  dose_unit TEXT,
  reason_text TEXT,
  note TEXT,
  error_reason TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX immunization_patient ON immunization (patient_id, given_at, id);

CREATE TABLE procedure (
  id INTEGER PRIMARY KEY,
  facility_id INTEGER NOT NULL REFERENCES facility (id),
  patient_id INTEGER NOT NULL REFERENCES patient (id),
  encounter_id INTEGER REFERENCES encounter (id),
  location_id INTEGER REFERENCES location (id),
  status TEXT NOT NULL CHECK (status IN ('preparation', 'in_progress', 'not_done', 'on_hold', 'stopped', 'completed', 'entered_in_error', 'unknown')),
  code_system TEXT,
  code TEXT,
  code_text TEXT NOT NULL,
  performed_at INTEGER,
  performed_recorded TEXT,
  performed_end_at INTEGER,
  performed_end_recorded TEXT,
  reason_text TEXT,
  reason_condition_id INTEGER REFERENCES condition (id),
  body_site_text TEXT,
  outcome_text TEXT,
  note TEXT,
  error_reason TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX procedure_patient ON procedure (patient_id, performed_at, id);

-- Imports, what they made of each source resource, and what they could not take.
CREATE TABLE import_run (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  label TEXT NOT NULL,
  format TEXT NOT NULL CHECK (format IN ('fhir', 'csv')),
  status TEXT NOT NULL CHECK (status IN ('running', 'completed', 'failed', 'interrupted', 'cancelled')),
  bytes_total INTEGER NOT NULL DEFAULT 0,
  bytes_done INTEGER NOT NULL DEFAULT 0,
  summary TEXT NOT NULL DEFAULT '{}',
  error TEXT,
  plan TEXT NOT NULL,
  started_by INTEGER REFERENCES app_user (id),
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX import_run_running ON import_run (id) WHERE status = 'running';

-- Which record a source's resource has become, and a fingerprint of what was read.
CREATE TABLE import_link (
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  source_id TEXT NOT NULL,
  record_id INTEGER NOT NULL,
  digest BLOB NOT NULL,
  PRIMARY KEY (source, kind, source_id)
) STRICT, WITHOUT ROWID;

-- What medications of a source are called; requests name them by id.
CREATE TABLE import_medication (
  source TEXT NOT NULL,
  source_id TEXT NOT NULL,
  code_system TEXT,
  code TEXT,
  code_text TEXT NOT NULL,
  PRIMARY KEY (source, source_id)
) STRICT, WITHOUT ROWID;

-- Resources that wait for one that they belong to.
CREATE TABLE import_waiting (
  run_id INTEGER NOT NULL REFERENCES import_run (id),
  position INTEGER NOT NULL,
  file TEXT NOT NULL,
  line INTEGER NOT NULL,
  is_entry INTEGER NOT NULL CHECK (is_entry IN (0, 1)),
  text BLOB NOT NULL,
  PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;

-- Fields of stored records that wait for a record to point to.
CREATE TABLE import_waiting_link (
  run_id INTEGER NOT NULL REFERENCES import_run (id),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL,
  record_id INTEGER NOT NULL,
  field TEXT NOT NULL,
  target TEXT NOT NULL,
  PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE import_reject (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES import_run (id),
  file TEXT NOT NULL,
  line INTEGER,
  resource TEXT,
  reason TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX import_reject_run ON import_reject (run_id, id);
