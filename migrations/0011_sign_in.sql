-- How a session was opened, at which workstation (half a hash of what its browser keeps), and
-- since when it is locked.
ALTER TABLE session ADD COLUMN factor TEXT NOT NULL DEFAULT 'password'
  CHECK (factor IN ('password', 'totp', 'recovery_code', 'passkey', 'openid', 'openid_mfa'));
ALTER TABLE session ADD COLUMN workstation BLOB;
ALTER TABLE session ADD COLUMN locked_at INTEGER;
ALTER TABLE session ADD COLUMN pin_failures INTEGER NOT NULL DEFAULT 0;
CREATE INDEX session_workstation ON session (workstation, id) WHERE workstation IS NOT NULL;

-- Codes of an app; the secret is sealed with the key file of the data folder.
CREATE TABLE totp (
  user_id INTEGER PRIMARY KEY REFERENCES app_user (id),
  secret BLOB NOT NULL,
  last_step INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE recovery_code (
  user_id INTEGER NOT NULL REFERENCES app_user (id),
  code_hash BLOB NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE passkey (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES app_user (id),
  name TEXT NOT NULL,
  relying_party TEXT NOT NULL,
  credential_id BLOB NOT NULL,
  user_handle BLOB NOT NULL,
  static_state BLOB NOT NULL,
  dynamic_state BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT;
CREATE UNIQUE INDEX passkey_credential ON passkey (credential_id);
CREATE INDEX passkey_user ON passkey (user_id, id);

-- A number for coming back quickly to a workstation where one has signed in.
CREATE TABLE pin (
  user_id INTEGER PRIMARY KEY REFERENCES app_user (id),
  pin_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
