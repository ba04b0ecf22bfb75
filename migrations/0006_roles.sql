-- What somebody may do is no longer a word that the program knows, but a role of the hospital's
-- own: a set of permissions, and whose records they reach. The program says what its built-in
-- roles hold when it opens the store (role_default), so that a newer one can add to them without
-- undoing what an administrator has changed.
CREATE TABLE role (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  built_in INTEGER NOT NULL DEFAULT 0 CHECK (built_in IN (0, 1)),
  reach TEXT NOT NULL CHECK (reach IN ('everybody', 'facility', 'departments')),
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX role_code ON role (code);

CREATE TABLE role_permission (
  role_id INTEGER NOT NULL REFERENCES role (id),
  position INTEGER NOT NULL,
  permission TEXT NOT NULL,
  PRIMARY KEY (role_id, position)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX role_permission_once ON role_permission (role_id, permission);

-- What the program last said that a built-in role holds.
CREATE TABLE role_default (
  role_id INTEGER NOT NULL REFERENCES role (id),
  permission TEXT NOT NULL,
  PRIMARY KEY (role_id, permission)
) STRICT, WITHOUT ROWID;

INSERT INTO role (id, code, name, built_in, reach, created_at, updated_at) VALUES
  (101, 'administrator', 'Administrator', 1, 'everybody', 0, 0),
  (102, 'reception', 'Reception', 1, 'facility', 0, 0),
  (103, 'nurse', 'Nurse', 1, 'departments', 0, 0),
  (104, 'clinician', 'Clinician', 1, 'facility', 0, 0),
  (105, 'pharmacist', 'Pharmacist', 1, 'facility', 0, 0),
  (106, 'laboratory', 'Laboratory', 1, 'facility', 0, 0),
  (107, 'cashier', 'Cashier', 1, 'facility', 0, 0),
  (108, 'privacy_officer', 'Privacy officer', 1, 'everybody', 0, 0),
  (109, 'integration', 'Integration', 1, 'everybody', 0, 0);

-- Wards, clinics and services of a site.
CREATE TABLE department (
  id INTEGER PRIMARY KEY,
  facility_id INTEGER NOT NULL REFERENCES facility (id),
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('ward', 'clinic', 'service')),
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX department_name ON department (facility_id, lower(name));

-- The same people with the same sessions; only what a role may be called is no longer fixed here.
CREATE TABLE app_user_next (
  id INTEGER PRIMARY KEY,
  facility_id INTEGER REFERENCES facility (id),
  username TEXT NOT NULL,
  display_name TEXT NOT NULL,
  role TEXT NOT NULL REFERENCES role (code),
  password_hash TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  last_sign_in_at INTEGER,
  version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
INSERT INTO app_user_next (id, facility_id, username, display_name, role, password_hash, active,
    last_sign_in_at, version, created_at, updated_at)
  SELECT id, facility_id, username, display_name, role, password_hash, active,
    last_sign_in_at, version, created_at, updated_at FROM app_user ORDER BY id;
DROP TABLE app_user;
ALTER TABLE app_user_next RENAME TO app_user;
CREATE UNIQUE INDEX app_user_username ON app_user (lower(username));
CREATE INDEX app_user_role ON app_user (role, id);
CREATE INDEX app_user_facility ON app_user (facility_id, id);

CREATE TABLE user_department (
  user_id INTEGER NOT NULL REFERENCES app_user (id),
  position INTEGER NOT NULL,
  department_id INTEGER NOT NULL REFERENCES department (id),
  PRIMARY KEY (user_id, position)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX user_department_once ON user_department (user_id, department_id);
CREATE INDEX user_department_members ON user_department (department_id, user_id);

ALTER TABLE encounter ADD COLUMN department_id INTEGER REFERENCES department (id);
CREATE INDEX encounter_department ON encounter (department_id, started_at, id)
  WHERE department_id IS NOT NULL;
