-- Tokens by which programs act for an account, with no more than their scopes. Only the hash of
-- a token is kept; its first characters tell people which of several it is.
CREATE TABLE api_token (
  id INTEGER PRIMARY KEY,
  token_hash BLOB NOT NULL,
  starts_with TEXT NOT NULL,
  user_id INTEGER NOT NULL REFERENCES app_user (id),
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_by INTEGER REFERENCES app_user (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER,
  last_used_at INTEGER,
  last_used_from TEXT
) STRICT;
CREATE UNIQUE INDEX api_token_hash ON api_token (token_hash);
CREATE INDEX api_token_user ON api_token (user_id, id);
