// Rows of the clinical record as the API sends them: the columns of their tables.

export type RecordKind =
  | 'encounters'
  | 'conditions'
  | 'allergies'
  | 'observations'
  | 'medication-requests'
  | 'immunizations'
  | 'procedures';

export interface ClinicalRow {
  id: string;
  patient_id: string;
  encounter_id: string | null;
  status: string;
  code_system: string | null;
  code: string | null;
  code_text: string | null;
  note: string | null;
  error_reason: string | null;
  version: number;
  created_at: string;
  updated_at: string;
}

/** An organization, a place or a person as an include brings it. */
export interface Named {
  id: string;
  name?: string;
  family?: string;
  given?: string;
  prefix?: string | null;
}

export interface Participant {
  practitioner_id: string | null;
  role_text: string | null;
  name: string | null;
}

export interface Encounter extends Omit<ClinicalRow, 'encounter_id' | 'note'> {
  class: string;
  reason_text: string | null;
  started_at: string | null;
  started_recorded: string | null;
  ended_at: string | null;
  ended_recorded: string | null;
  organization_id: string | null;
  location_id: string | null;
  department_id: string | null;
  discharge_text: string | null;
  organization?: Named | null;
  location?: Named | null;
  department?: Named | null;
  participants?: Participant[];
}

export interface Condition extends ClinicalRow {
  verification: string;
  category: string | null;
  severity_text: string | null;
  onset_at: string | null;
  onset_recorded: string | null;
  abated_at: string | null;
  abated_recorded: string | null;
  recorded_at: string | null;
  recorded_recorded: string | null;
}

export interface Allergy extends ClinicalRow {
  verification: string;
  kind: string | null;
  category: string | null;
  criticality: string | null;
  reaction_text: string | null;
  severity: string | null;
  onset_at: string | null;
  onset_recorded: string | null;
  recorded_at: string | null;
  recorded_recorded: string | null;
}

export interface Value {
  value_decimal: string | null;
  value_comparator: string | null;
  unit: string | null;
  unit_code: string | null;
  value_system: string | null;
  value_code: string | null;
  value_text: string | null;
}

export interface Component extends Value {
  code_system: string | null;
  code: string | null;
  code_text: string;
}

export interface Observation extends ClinicalRow, Value {
  category: string | null;
  effective_at: string | null;
  effective_recorded: string | null;
  range_low: string | null;
  range_high: string | null;
  range_text: string | null;
  interpretation: string | null;
  absent_reason: string | null;
  components?: Component[];
}

export interface MedicationRequest extends ClinicalRow {
  requester_id: string | null;
  requester?: Named | null;
  intent: string;
  dose_text: string | null;
  dose_decimal: string | null;
  dose_unit: string | null;
  route_text: string | null;
  frequency: number | null;
  period_decimal: string | null;
  period_unit: string | null;
  as_needed: boolean;
  reason_text: string | null;
  reason_condition_id: string | null;
  authored_at: string | null;
  authored_recorded: string | null;
}

export interface Immunization extends ClinicalRow {
  location_id: string | null;
  location?: Named | null;
  given_at: string | null;
  given_recorded: string | null;
  primary_source: boolean | null;
  lot_number: string | null;
  expiry_date: string | null;
  site_text: string | null;
  route_text: string | null;
  dose_decimal: string | null;
  dose_unit: string | null;
  reason_text: string | null;
}

export interface Procedure extends ClinicalRow {
  location_id: string | null;
  location?: Named | null;
  performed_at: string | null;
  performed_recorded: string | null;
  performed_end_at: string | null;
  performed_end_recorded: string | null;
  reason_text: string | null;
  reason_condition_id: string | null;
  body_site_text: string | null;
  outcome_text: string | null;
}

export interface SeriesPoint {
  at: string;
  value: string;
  /** `<` where the value is only known to lie below. */
  comparator?: string | null;
}

export interface Series {
  system: string | null;
  code: string | null;
  title: string;
  unit: string | null;
  count: number;
  last: { at: string; recorded: string | null; value: string; comparator?: string | null };
  points: SeriesPoint[];
  range_low?: string | null;
  range_high?: string | null;
}

export interface TimelineItem {
  kind: string;
  id: string;
  at: string | null;
  recorded: string | null;
  /** The setting of a visit. */
  class: string | null;
  /** Null for a visit without words of its own. */
  title: string | null;
  detail: string | null;
  status: string;
  encounter_id: string | null;
}

/** A list as far as it was loaded. */
export interface Listed<T> {
  items: T[];
  /** False when the server holds more rows than were asked for. */
  complete: boolean;
}
