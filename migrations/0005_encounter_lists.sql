-- Visits of all patients: those of today, the newest first, and those that are still open.
CREATE INDEX encounter_started ON encounter (started_at, id);
CREATE INDEX encounter_status ON encounter (status, started_at, id);
