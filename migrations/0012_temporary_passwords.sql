-- Somebody else has set the password: its person chooses another before anything else.
ALTER TABLE app_user ADD COLUMN password_temporary INTEGER NOT NULL DEFAULT 0
  CHECK (password_temporary IN (0, 1));
