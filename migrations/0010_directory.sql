-- People whose password lies elsewhere: in the hospital's directory, or with its OpenID provider.
-- `external_id` is what stays the same there whatever somebody is called; an account that an
-- administrator has handed over to the directory gets it at its first sign-in.
ALTER TABLE app_user ADD COLUMN origin TEXT NOT NULL DEFAULT 'local'
  CHECK (origin IN ('local', 'directory', 'openid'));
ALTER TABLE app_user ADD COLUMN external_id TEXT
  CHECK (external_id IS NULL OR origin <> 'local');
CREATE UNIQUE INDEX app_user_external_id ON app_user (origin, external_id)
  WHERE external_id IS NOT NULL;
-- Those of the directory who are signed in are looked up there from time to time.
CREATE INDEX app_user_of_directory ON app_user (id) WHERE origin = 'directory';
