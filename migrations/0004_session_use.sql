-- Where a session was opened from and when it was last used, so that people can see which of
-- their sessions are still in use and end those that are not theirs.
ALTER TABLE session ADD COLUMN last_used_at INTEGER;
ALTER TABLE session ADD COLUMN user_agent TEXT;
ALTER TABLE session ADD COLUMN address TEXT;
