// Made from the description of the API by src/tests/typescript.rs; not edited.

export interface Allergy {
  category?: string | null;
  code?: string | null;
  code_system?: string | null;
  code_text?: string;
  created_at?: string;
  criticality?: 'low' | 'high' | 'unable_to_assess' | null;
  encounter?: Encounter | null;
  encounter_id?: string | null;
  error_reason?: string | null;
  facility_id?: string | null;
  id: string;
  kind?: 'allergy' | 'intolerance' | null;
  note?: string | null;
  onset_at?: string | null;
  onset_recorded?: string | null;
  patient?: Patient | null;
  patient_id?: string;
  reaction_text?: string | null;
  recorded_at?: string | null;
  recorded_recorded?: string | null;
  severity?: 'mild' | 'moderate' | 'severe' | null;
  status?: 'active' | 'inactive' | 'resolved' | 'entered_in_error' | 'unknown' | null;
  updated_at?: string;
  verification?: 'confirmed' | 'presumed' | 'unconfirmed' | 'refuted' | 'unknown' | null;
  version?: number;
}

export interface AllergyAmend {
  category?: string | null;
  code?: string | null;
  code_system?: string | null;
  code_text?: string;
  criticality?: 'low' | 'high' | 'unable_to_assess' | null;
  encounter_id?: string | null;
  facility_id?: string | null;
  kind?: 'allergy' | 'intolerance' | null;
  note?: string | null;
  onset_recorded?: string | null;
  patient_id?: string;
  reaction_text?: string | null;
  recorded_recorded?: string | null;
  severity?: 'mild' | 'moderate' | 'severe' | null;
  status?: 'active' | 'inactive' | 'resolved' | 'unknown' | null;
  verification?: 'confirmed' | 'presumed' | 'unconfirmed' | 'refuted' | 'unknown' | null;
}

export interface AllergyCreate {
  category?: string | null;
  code?: string | null;
  code_system?: string | null;
  code_text: string;
  criticality?: 'low' | 'high' | 'unable_to_assess' | null;
  encounter_id?: string | null;
  facility_id?: string | null;
  kind?: 'allergy' | 'intolerance' | null;
  note?: string | null;
  onset_recorded?: string | null;
  patient_id: string;
  reaction_text?: string | null;
  recorded_recorded?: string | null;
  severity?: 'mild' | 'moderate' | 'severe' | null;
  status?: 'active' | 'inactive' | 'resolved' | 'unknown' | null;
  verification?: 'confirmed' | 'presumed' | 'unconfirmed' | 'refuted' | 'unknown' | null;
}

export interface Certificate {
  begins_at: string;
  ends_at: string;
  fingerprint_sha256: string;
  issuer: string;
  names: string[];
  subject: string;
}

export interface Condition {
  abated_at?: string | null;
  abated_recorded?: string | null;
  category?: string | null;
  code?: string | null;
  code_system?: string | null;
  code_text?: string;
  created_at?: string;
  encounter?: Encounter | null;
  encounter_id?: string | null;
  error_reason?: string | null;
  facility_id?: string | null;
  id: string;
  note?: string | null;
  onset_at?: string | null;
  onset_recorded?: string | null;
  patient?: Patient | null;
  patient_id?: string;
  recorded_at?: string | null;
  recorded_recorded?: string | null;
  severity_text?: string | null;
  status?: 'active' | 'recurrence' | 'relapse' | 'inactive' | 'remission' | 'resolved' | 'entered_in_error' | 'unknown' | null;
  updated_at?: string;
  verification?: 'confirmed' | 'provisional' | 'differential' | 'unconfirmed' | 'refuted' | 'unknown' | null;
  version?: number;
}

export interface ConditionAmend {
  abated_recorded?: string | null;
  category?: string | null;
  code?: string | null;
  code_system?: string | null;
  code_text?: string;
  encounter_id?: string | null;
  facility_id?: string | null;
  note?: string | null;
  onset_recorded?: string | null;
  patient_id?: string;
  recorded_recorded?: string | null;
  severity_text?: string | null;
  status?: 'active' | 'recurrence' | 'relapse' | 'inactive' | 'remission' | 'resolved' | 'unknown' | null;
  verification?: 'confirmed' | 'provisional' | 'differential' | 'unconfirmed' | 'refuted' | 'unknown' | null;
}

export interface ConditionCreate {
  abated_recorded?: string | null;
  category?: string | null;
  code?: string | null;
  code_system?: string | null;
  code_text: string;
  encounter_id?: string | null;
  facility_id?: string | null;
  note?: string | null;
  onset_recorded?: string | null;
  patient_id: string;
  recorded_recorded?: string | null;
  severity_text?: string | null;
  status?: 'active' | 'recurrence' | 'relapse' | 'inactive' | 'remission' | 'resolved' | 'unknown' | null;
  verification?: 'confirmed' | 'provisional' | 'differential' | 'unconfirmed' | 'refuted' | 'unknown' | null;
}

export interface Encounter {
  class?: 'ambulatory' | 'emergency' | 'inpatient' | 'observation' | 'home' | 'virtual' | 'urgent_care' | 'wellness' | 'hospice' | 'other';
  code?: string | null;
  code_system?: string | null;
  code_text?: string | null;
  created_at?: string;
  discharge_text?: string | null;
  ended_at?: string | null;
  ended_recorded?: string | null;
  error_reason?: string | null;
  facility_id?: string | null;
  id: string;
  location?: Location | null;
  location_id?: string | null;
  organization?: Organization | null;
  organization_id?: string | null;
  participants?: EncounterParticipant[];
  patient?: Patient | null;
  patient_id?: string;
  reason_code?: string | null;
  reason_system?: string | null;
  reason_text?: string | null;
  started_at?: string | null;
  started_recorded?: string | null;
  status?: 'planned' | 'arrived' | 'triaged' | 'in_progress' | 'on_leave' | 'finished' | 'cancelled' | 'entered_in_error' | 'unknown' | null;
  updated_at?: string;
  version?: number;
}

export interface EncounterAmend {
  class?: 'ambulatory' | 'emergency' | 'inpatient' | 'observation' | 'home' | 'virtual' | 'urgent_care' | 'wellness' | 'hospice' | 'other';
  code?: string | null;
  code_system?: string | null;
  code_text?: string | null;
  discharge_text?: string | null;
  ended_recorded?: string | null;
  facility_id?: string | null;
  location_id?: string | null;
  organization_id?: string | null;
  participants?: EncounterParticipantSent[] | null;
  patient_id?: string;
  reason_code?: string | null;
  reason_system?: string | null;
  reason_text?: string | null;
  started_recorded?: string | null;
  status?: 'planned' | 'arrived' | 'triaged' | 'in_progress' | 'on_leave' | 'finished' | 'cancelled' | 'unknown' | null;
}

export interface EncounterCreate {
  class: 'ambulatory' | 'emergency' | 'inpatient' | 'observation' | 'home' | 'virtual' | 'urgent_care' | 'wellness' | 'hospice' | 'other';
  code?: string | null;
  code_system?: string | null;
  code_text?: string | null;
  discharge_text?: string | null;
  ended_recorded?: string | null;
  facility_id?: string | null;
  location_id?: string | null;
  organization_id?: string | null;
  participants?: EncounterParticipantSent[] | null;
  patient_id: string;
  reason_code?: string | null;
  reason_system?: string | null;
  reason_text?: string | null;
  started_recorded?: string | null;
  status?: 'planned' | 'arrived' | 'triaged' | 'in_progress' | 'on_leave' | 'finished' | 'cancelled' | 'unknown' | null;
}

export interface EncounterParticipant {
  name?: string | null;
  practitioner_id?: string | null;
  role_text?: string | null;
}

export interface EncounterParticipantSent {
  name?: string | null;
  practitioner_id?: string | null;
  role_text?: string | null;
}

export interface Facility {
  active?: boolean | null;
  address?: string | null;
  created_at?: string;
  id: string;
  name?: string;
  phone?: string | null;
  updated_at?: string;
  version?: number;
}

export interface FacilityAmend {
  active?: boolean | null;
  address?: string | null;
  name?: string;
  phone?: string | null;
}

export interface FacilityCreate {
  active?: boolean | null;
  address?: string | null;
  name: string;
  phone?: string | null;
}

export interface Health {
  services: { audit: 'ok' | 'waiting' | 'refusing'; cache: 'ok' | 'failed'; database: 'ok' | 'failed' | 'disk_full' | 'read_only'; events: 'ok' | 'behind' | 'failing' | 'failed'; queue: 'ok' | 'busy'; queue_size: number; search: 'ok' | 'rebuilding' | 'failing'; };
  status: 'healthy' | 'degraded' | 'unhealthy';
}

export interface Hospital {
  name: string;
  time_zone: string;
  updated_at: string;
  version: number;
}

export interface Immunization {
  code?: string | null;
  code_system?: string | null;
  code_text?: string;
  created_at?: string;
  dose_decimal?: string | null;
  dose_unit?: string | null;
  encounter?: Encounter | null;
  encounter_id?: string | null;
  error_reason?: string | null;
  expiry_date?: string | null;
  facility_id?: string | null;
  given_at?: string | null;
  given_recorded?: string | null;
  id: string;
  location?: Location | null;
  location_id?: string | null;
  lot_number?: string | null;
  note?: string | null;
  patient?: Patient | null;
  patient_id?: string;
  primary_source?: boolean | null;
  reason_text?: string | null;
  route_text?: string | null;
  site_text?: string | null;
  status?: 'completed' | 'not_done' | 'entered_in_error' | null;
  updated_at?: string;
  version?: number;
}

export interface ImmunizationAmend {
  code?: string | null;
  code_system?: string | null;
  code_text?: string;
  dose_decimal?: string | number | null;
  dose_unit?: string | null;
  encounter_id?: string | null;
  expiry_date?: string | null;
  facility_id?: string | null;
  given_recorded?: string | null;
  location_id?: string | null;
  lot_number?: string | null;
  note?: string | null;
  patient_id?: string;
  primary_source?: boolean | null;
  reason_text?: string | null;
  route_text?: string | null;
  site_text?: string | null;
  status?: 'completed' | 'not_done' | null;
}

export interface ImmunizationCreate {
  code?: string | null;
  code_system?: string | null;
  code_text: string;
  dose_decimal?: string | number | null;
  dose_unit?: string | null;
  encounter_id?: string | null;
  expiry_date?: string | null;
  facility_id?: string | null;
  given_recorded?: string | null;
  location_id?: string | null;
  lot_number?: string | null;
  note?: string | null;
  patient_id: string;
  primary_source?: boolean | null;
  reason_text?: string | null;
  route_text?: string | null;
  site_text?: string | null;
  status?: 'completed' | 'not_done' | null;
}

export interface Import {
  bytes_done?: number | null;
  bytes_total?: number | null;
  created_at?: string;
  ended_at?: string | null;
  error?: string | null;
  format?: 'fhir' | 'csv';
  id: string;
  label?: string;
  source?: string;
  started_at?: string | null;
  started_by?: string | null;
  status?: 'running' | 'completed' | 'failed' | 'interrupted' | 'cancelled';
  summary?: Record<string, unknown> | null;
  updated_at?: string;
  version?: number;
}

export interface ImportReject {
  created_at?: string;
  file?: string | null;
  id: string;
  line?: number | null;
  reason?: string | null;
  resource?: string | null;
  run_id?: string;
  updated_at?: string;
  version?: number;
}

export interface Location {
  active?: boolean | null;
  address?: string | null;
  created_at?: string;
  id: string;
  identifiers?: LocationIdentifier[];
  name?: string;
  organization?: Organization | null;
  organization_id?: string | null;
  phone?: string | null;
  updated_at?: string;
  version?: number;
}

export interface LocationAmend {
  active?: boolean | null;
  address?: string | null;
  identifiers?: LocationIdentifierSent[] | null;
  name?: string;
  organization_id?: string | null;
  phone?: string | null;
}

export interface LocationCreate {
  active?: boolean | null;
  address?: string | null;
  identifiers?: LocationIdentifierSent[] | null;
  name: string;
  organization_id?: string | null;
  phone?: string | null;
}

export interface LocationIdentifier {
  system?: string;
  value?: string;
}

export interface LocationIdentifierSent {
  system: string;
  value: string;
}

export interface MedicationRequest {
  as_needed?: boolean | null;
  authored_at?: string | null;
  authored_recorded?: string | null;
  code?: string | null;
  code_system?: string | null;
  code_text?: string;
  created_at?: string;
  dose_decimal?: string | null;
  dose_text?: string | null;
  dose_unit?: string | null;
  encounter?: Encounter | null;
  encounter_id?: string | null;
  error_reason?: string | null;
  facility_id?: string | null;
  frequency?: number | null;
  id: string;
  intent?: 'proposal' | 'plan' | 'order' | 'other' | null;
  note?: string | null;
  patient?: Patient | null;
  patient_id?: string;
  period_decimal?: string | null;
  period_unit?: 's' | 'min' | 'h' | 'd' | 'wk' | 'mo' | 'a' | null;
  reason_condition?: Condition | null;
  reason_condition_id?: string | null;
  reason_text?: string | null;
  requester?: Practitioner | null;
  requester_id?: string | null;
  route_text?: string | null;
  status?: 'draft' | 'active' | 'on_hold' | 'completed' | 'stopped' | 'cancelled' | 'entered_in_error' | 'unknown' | null;
  updated_at?: string;
  version?: number;
}

export interface MedicationRequestAmend {
  as_needed?: boolean | null;
  authored_recorded?: string | null;
  code?: string | null;
  code_system?: string | null;
  code_text?: string;
  dose_decimal?: string | number | null;
  dose_text?: string | null;
  dose_unit?: string | null;
  encounter_id?: string | null;
  facility_id?: string | null;
  frequency?: number | null;
  intent?: 'proposal' | 'plan' | 'order' | 'other' | null;
  note?: string | null;
  patient_id?: string;
  period_decimal?: string | number | null;
  period_unit?: 's' | 'min' | 'h' | 'd' | 'wk' | 'mo' | 'a' | null;
  reason_condition_id?: string | null;
  reason_text?: string | null;
  requester_id?: string | null;
  route_text?: string | null;
  status?: 'draft' | 'active' | 'on_hold' | 'completed' | 'stopped' | 'cancelled' | 'unknown' | null;
}

export interface MedicationRequestCreate {
  as_needed?: boolean | null;
  authored_recorded?: string | null;
  code?: string | null;
  code_system?: string | null;
  code_text: string;
  dose_decimal?: string | number | null;
  dose_text?: string | null;
  dose_unit?: string | null;
  encounter_id?: string | null;
  facility_id?: string | null;
  frequency?: number | null;
  intent?: 'proposal' | 'plan' | 'order' | 'other' | null;
  note?: string | null;
  patient_id: string;
  period_decimal?: string | number | null;
  period_unit?: 's' | 'min' | 'h' | 'd' | 'wk' | 'mo' | 'a' | null;
  reason_condition_id?: string | null;
  reason_text?: string | null;
  requester_id?: string | null;
  route_text?: string | null;
  status?: 'draft' | 'active' | 'on_hold' | 'completed' | 'stopped' | 'cancelled' | 'unknown' | null;
}

export interface Meta {
  cursor: { next: string | null; prev: string | null; };
  more?: boolean;
  rebuilding?: boolean;
}

export interface Observation {
  absent_reason?: string | null;
  category?: string | null;
  code?: string | null;
  code_system?: string | null;
  code_text?: string;
  components?: ObservationComponent[];
  created_at?: string;
  effective_at?: string | null;
  effective_recorded?: string | null;
  encounter?: Encounter | null;
  encounter_id?: string | null;
  error_reason?: string | null;
  facility_id?: string | null;
  id: string;
  interpretation?: string | null;
  issued_at?: string | null;
  issued_recorded?: string | null;
  note?: string | null;
  patient?: Patient | null;
  patient_id?: string;
  range_high?: string | null;
  range_low?: string | null;
  range_text?: string | null;
  status?: 'registered' | 'preliminary' | 'final' | 'amended' | 'corrected' | 'cancelled' | 'entered_in_error' | 'unknown' | null;
  unit?: string | null;
  unit_code?: string | null;
  updated_at?: string;
  value_code?: string | null;
  value_comparator?: '<' | '<=' | '>=' | '>' | null;
  value_decimal?: string | null;
  value_system?: string | null;
  value_text?: string | null;
  version?: number;
}

export interface ObservationAmend {
  absent_reason?: string | null;
  category?: string | null;
  code?: string | null;
  code_system?: string | null;
  code_text?: string;
  components?: ObservationComponentSent[] | null;
  effective_recorded?: string | null;
  encounter_id?: string | null;
  facility_id?: string | null;
  interpretation?: string | null;
  issued_recorded?: string | null;
  note?: string | null;
  patient_id?: string;
  range_high?: string | number | null;
  range_low?: string | number | null;
  range_text?: string | null;
  status?: 'registered' | 'preliminary' | 'final' | 'amended' | 'corrected' | 'cancelled' | 'unknown' | null;
  unit?: string | null;
  unit_code?: string | null;
  value_code?: string | null;
  value_comparator?: '<' | '<=' | '>=' | '>' | null;
  value_decimal?: string | number | null;
  value_system?: string | null;
  value_text?: string | null;
}

export interface ObservationComponent {
  code?: string | null;
  code_system?: string | null;
  code_text?: string;
  unit?: string | null;
  unit_code?: string | null;
  value_code?: string | null;
  value_comparator?: '<' | '<=' | '>=' | '>' | null;
  value_decimal?: string | null;
  value_system?: string | null;
  value_text?: string | null;
}

export interface ObservationComponentSent {
  code?: string | null;
  code_system?: string | null;
  code_text: string;
  unit?: string | null;
  unit_code?: string | null;
  value_code?: string | null;
  value_comparator?: '<' | '<=' | '>=' | '>' | null;
  value_decimal?: string | number | null;
  value_system?: string | null;
  value_text?: string | null;
}

export interface ObservationCreate {
  absent_reason?: string | null;
  category?: string | null;
  code?: string | null;
  code_system?: string | null;
  code_text: string;
  components?: ObservationComponentSent[] | null;
  effective_recorded?: string | null;
  encounter_id?: string | null;
  facility_id?: string | null;
  interpretation?: string | null;
  issued_recorded?: string | null;
  note?: string | null;
  patient_id: string;
  range_high?: string | number | null;
  range_low?: string | number | null;
  range_text?: string | null;
  status?: 'registered' | 'preliminary' | 'final' | 'amended' | 'corrected' | 'cancelled' | 'unknown' | null;
  unit?: string | null;
  unit_code?: string | null;
  value_code?: string | null;
  value_comparator?: '<' | '<=' | '>=' | '>' | null;
  value_decimal?: string | number | null;
  value_system?: string | null;
  value_text?: string | null;
}

export interface OpenSession {
  address: string | null;
  created_at: string;
  current: boolean;
  expires_at: string;
  id: string;
  last_used_at: string;
  user_agent: string | null;
  user_id: string;
}

export interface OpenedSession {
  data: Session;
  token: string;
}

export interface Organization {
  active?: boolean | null;
  address?: string | null;
  created_at?: string;
  id: string;
  identifiers?: OrganizationIdentifier[];
  kind_text?: string | null;
  name?: string;
  phone?: string | null;
  updated_at?: string;
  version?: number;
}

export interface OrganizationAmend {
  active?: boolean | null;
  address?: string | null;
  identifiers?: OrganizationIdentifierSent[] | null;
  kind_text?: string | null;
  name?: string;
  phone?: string | null;
}

export interface OrganizationCreate {
  active?: boolean | null;
  address?: string | null;
  identifiers?: OrganizationIdentifierSent[] | null;
  kind_text?: string | null;
  name: string;
  phone?: string | null;
}

export interface OrganizationIdentifier {
  system?: string;
  value?: string;
}

export interface OrganizationIdentifierSent {
  system: string;
  value: string;
}

export interface Patient {
  active?: boolean | null;
  addresses?: PatientAddress[];
  allergies?: Allergy[];
  allergies_reviewed_at?: string | null;
  allergies_reviewed_by?: string | null;
  birth_date?: string | null;
  birth_date_estimated?: boolean | null;
  conditions?: Condition[];
  contacts?: PatientContact[];
  created_at?: string;
  deceased?: boolean | null;
  deceased_at?: string | null;
  deceased_recorded?: string | null;
  encounters?: Encounter[];
  facility_id?: string | null;
  family?: string;
  gender?: string | null;
  given?: string[];
  id: string;
  identifiers?: PatientIdentifier[];
  immunizations?: Immunization[];
  language_text?: string | null;
  marital_status_text?: string | null;
  matched?: ('name' | 'identifier' | 'phone' | 'birth_date' | 'sounds_like' | 'fuzzy')[];
  matched_name?: Record<string, unknown>;
  medication_requests?: MedicationRequest[];
  mrn?: string;
  multiple_birth?: number | null;
  names?: PatientName[];
  observations?: Observation[];
  phone?: string | null;
  prefix?: string | null;
  procedures?: Procedure[];
  reasons?: string[];
  score?: number;
  sex?: 'female' | 'male' | 'other' | 'unknown' | null;
  telecoms?: PatientTelecom[];
  updated_at?: string;
  version?: number;
}

export interface PatientAddress {
  address_use?: string | null;
  city?: string | null;
  country?: string | null;
  district?: string | null;
  line?: string | null;
  postal_code?: string | null;
  state?: string | null;
}

export interface PatientAddressSent {
  address_use?: string | null;
  city?: string | null;
  country?: string | null;
  district?: string | null;
  line?: string | null;
  postal_code?: string | null;
  state?: string | null;
}

export interface PatientAmend {
  active?: boolean | null;
  addresses?: PatientAddressSent[] | null;
  birth_date?: string | null;
  birth_date_estimated?: boolean | null;
  contacts?: PatientContactSent[] | null;
  deceased?: boolean | null;
  deceased_recorded?: string | null;
  facility_id?: string | null;
  gender?: string | null;
  identifiers?: PatientIdentifierSent[] | null;
  language_text?: string | null;
  marital_status_text?: string | null;
  multiple_birth?: number | null;
  names?: PatientNameSent[] | null;
  sex?: 'female' | 'male' | 'other' | 'unknown' | null;
  telecoms?: PatientTelecomSent[] | null;
}

export interface PatientContact {
  name?: string;
  phone?: string | null;
  relationship?: string | null;
}

export interface PatientContactSent {
  name: string;
  phone?: string | null;
  relationship?: string | null;
}

export interface PatientCreate {
  active?: boolean | null;
  addresses?: PatientAddressSent[] | null;
  age_years?: number | null;
  birth_date?: string | null;
  birth_date_estimated?: boolean | null;
  contacts?: PatientContactSent[] | null;
  deceased?: boolean | null;
  deceased_recorded?: string | null;
  facility_id?: string | null;
  gender?: string | null;
  identifiers?: PatientIdentifierSent[] | null;
  language_text?: string | null;
  marital_status_text?: string | null;
  multiple_birth?: number | null;
  names?: PatientNameSent[] | null;
  sex?: 'female' | 'male' | 'other' | 'unknown' | null;
  telecoms?: PatientTelecomSent[] | null;
  unknown_person?: string | null;
}

export interface PatientIdentifier {
  system?: string;
  type_code?: string | null;
  type_text?: string | null;
  value?: string;
}

export interface PatientIdentifierSent {
  system: string;
  type_code?: string | null;
  type_text?: string | null;
  value: string;
}

export interface PatientName {
  family?: string | null;
  given?: string[] | null;
  name_use?: 'official' | 'usual' | 'maiden' | 'nickname' | 'alias' | 'temporary' | 'old' | null;
  prefix?: string | null;
  suffix?: string | null;
}

export interface PatientNameSent {
  family?: string | null;
  given?: string[] | null;
  name_use?: 'official' | 'usual' | 'maiden' | 'nickname' | 'alias' | 'temporary' | 'old' | null;
  prefix?: string | null;
  suffix?: string | null;
}

export interface PatientTelecom {
  system?: 'phone' | 'email' | 'sms' | 'fax' | 'url' | 'pager' | 'other';
  telecom_use?: string | null;
  value?: string;
}

export interface PatientTelecomSent {
  system: 'phone' | 'email' | 'sms' | 'fax' | 'url' | 'pager' | 'other';
  telecom_use?: string | null;
  value: string;
}

export interface Practitioner {
  active?: boolean | null;
  address?: string | null;
  created_at?: string;
  email?: string | null;
  family?: string | null;
  given?: string | null;
  id: string;
  identifiers?: PractitionerIdentifier[];
  organization?: Organization | null;
  organization_id?: string | null;
  phone?: string | null;
  prefix?: string | null;
  sex?: 'female' | 'male' | 'other' | 'unknown' | null;
  specialty_text?: string | null;
  updated_at?: string;
  version?: number;
}

export interface PractitionerAmend {
  active?: boolean | null;
  address?: string | null;
  email?: string | null;
  family?: string | null;
  given?: string | null;
  identifiers?: PractitionerIdentifierSent[] | null;
  organization_id?: string | null;
  phone?: string | null;
  prefix?: string | null;
  sex?: 'female' | 'male' | 'other' | 'unknown' | null;
  specialty_text?: string | null;
}

export interface PractitionerCreate {
  active?: boolean | null;
  address?: string | null;
  email?: string | null;
  family?: string | null;
  given?: string | null;
  identifiers?: PractitionerIdentifierSent[] | null;
  organization_id?: string | null;
  phone?: string | null;
  prefix?: string | null;
  sex?: 'female' | 'male' | 'other' | 'unknown' | null;
  specialty_text?: string | null;
}

export interface PractitionerIdentifier {
  system?: string;
  value?: string;
}

export interface PractitionerIdentifierSent {
  system: string;
  value: string;
}

export interface Problem {
  code: string;
  detail: string;
  errors?: { field: string; message: string; }[];
  request_id: string;
  status: number;
  title: string;
  type: string;
}

export interface Procedure {
  body_site_text?: string | null;
  code?: string | null;
  code_system?: string | null;
  code_text?: string;
  created_at?: string;
  encounter?: Encounter | null;
  encounter_id?: string | null;
  error_reason?: string | null;
  facility_id?: string | null;
  id: string;
  location?: Location | null;
  location_id?: string | null;
  note?: string | null;
  outcome_text?: string | null;
  patient?: Patient | null;
  patient_id?: string;
  performed_at?: string | null;
  performed_end_at?: string | null;
  performed_end_recorded?: string | null;
  performed_recorded?: string | null;
  reason_condition?: Condition | null;
  reason_condition_id?: string | null;
  reason_text?: string | null;
  status?: 'preparation' | 'in_progress' | 'not_done' | 'on_hold' | 'stopped' | 'completed' | 'entered_in_error' | 'unknown' | null;
  updated_at?: string;
  version?: number;
}

export interface ProcedureAmend {
  body_site_text?: string | null;
  code?: string | null;
  code_system?: string | null;
  code_text?: string;
  encounter_id?: string | null;
  facility_id?: string | null;
  location_id?: string | null;
  note?: string | null;
  outcome_text?: string | null;
  patient_id?: string;
  performed_end_recorded?: string | null;
  performed_recorded?: string | null;
  reason_condition_id?: string | null;
  reason_text?: string | null;
  status?: 'preparation' | 'in_progress' | 'not_done' | 'on_hold' | 'stopped' | 'completed' | 'unknown' | null;
}

export interface ProcedureCreate {
  body_site_text?: string | null;
  code?: string | null;
  code_system?: string | null;
  code_text: string;
  encounter_id?: string | null;
  facility_id?: string | null;
  location_id?: string | null;
  note?: string | null;
  outcome_text?: string | null;
  patient_id: string;
  performed_end_recorded?: string | null;
  performed_recorded?: string | null;
  reason_condition_id?: string | null;
  reason_text?: string | null;
  status?: 'preparation' | 'in_progress' | 'not_done' | 'on_hold' | 'stopped' | 'completed' | 'unknown' | null;
}

export interface Series {
  code: string | null;
  count: number;
  last: { at: string; comparator?: '<' | '<=' | '>=' | '>'; recorded: string | null; value: string; } | null;
  points: ({ at: string; comparator?: '<' | '<=' | '>=' | '>'; value: string; })[];
  system: string | null;
  title: string;
  unit: string | null;
}

export interface Session {
  event_seq: string;
  expires_at: string | null;
  hospital: { name: string; time_zone: string; } | null;
  permissions: string[];
  server_time: string;
  user: { display_name: string; id: string | null; role: string; username: string | null; };
  version: string;
}

export interface TimelineItem {
  at: string | null;
  class: 'ambulatory' | 'emergency' | 'inpatient' | 'observation' | 'home' | 'virtual' | 'urgent_care' | 'wellness' | 'hospice' | 'other' | null;
  detail: string | null;
  encounter_id: string | null;
  id: string;
  kind: 'encounter' | 'condition' | 'allergy' | 'observation' | 'medication_request' | 'immunization' | 'procedure';
  recorded: string | null;
  status: string;
  title: string | null;
}

export interface User {
  active?: boolean | null;
  created_at?: string;
  display_name?: string;
  facility_id?: string | null;
  id: string;
  last_sign_in_at?: string | null;
  role?: 'administrator' | 'reception' | 'clinician' | 'nurse';
  updated_at?: string;
  username?: string;
  version?: number;
}

export interface UserAmend {
  active?: boolean | null;
  display_name?: string;
  facility_id?: string | null;
  role?: 'administrator' | 'reception' | 'clinician' | 'nurse';
  username?: string;
}

export interface UserCreate {
  active?: boolean | null;
  display_name: string;
  facility_id?: string | null;
  password: string;
  role: 'administrator' | 'reception' | 'clinician' | 'nurse';
  username: string;
}

/** What `GET` answers at each address below /api/v1. */
export interface Answers {
  '/allergies': Allergy[];
  '/allergies/{id}': Allergy;
  '/allergies/{id}/history': { record: Allergy; replaced_at: string; version: number; }[];
  '/conditions': Condition[];
  '/conditions/{id}': Condition;
  '/conditions/{id}/history': { record: Condition; replaced_at: string; version: number; }[];
  '/encounters': Encounter[];
  '/encounters/{id}': Encounter;
  '/encounters/{id}/history': { record: Encounter; replaced_at: string; version: number; }[];
  '/facilities': Facility[];
  '/facilities/{id}': Facility;
  '/facilities/{id}/history': { record: Facility; replaced_at: string; version: number; }[];
  '/hospital': Hospital;
  '/immunizations': Immunization[];
  '/immunizations/{id}': Immunization;
  '/immunizations/{id}/history': { record: Immunization; replaced_at: string; version: number; }[];
  '/imports': Import[];
  '/imports/{id}': Import;
  '/imports/{id}/history': { record: Import; replaced_at: string; version: number; }[];
  '/imports/{id}/rejects': ImportReject[];
  '/locations': Location[];
  '/locations/{id}': Location;
  '/locations/{id}/history': { record: Location; replaced_at: string; version: number; }[];
  '/medication-requests': MedicationRequest[];
  '/medication-requests/{id}': MedicationRequest;
  '/medication-requests/{id}/history': { record: MedicationRequest; replaced_at: string; version: number; }[];
  '/observations': Observation[];
  '/observations/{id}': Observation;
  '/observations/{id}/history': { record: Observation; replaced_at: string; version: number; }[];
  '/organizations': Organization[];
  '/organizations/{id}': Organization;
  '/organizations/{id}/history': { record: Organization; replaced_at: string; version: number; }[];
  '/patients': Patient[];
  '/patients/matches': Patient[];
  '/patients/shelf': { letters: { letter: string; place: number; }[]; total: number; };
  '/patients/{id}': Patient;
  '/patients/{id}/history': { record: Patient; replaced_at: string; version: number; }[];
  '/patients/{id}/print/patient-summary': { allergies: { data: Allergy[]; meta: Meta; }; conditions: { data: Condition[]; meta: Meta; }; encounters: { data: Encounter[]; meta: Meta; }; immunizations: { data: Immunization[]; meta: Meta; }; 'medication-requests': { data: MedicationRequest[]; meta: Meta; }; patient: Patient; series: Series[]; };
  '/patients/{id}/series': Series[];
  '/patients/{id}/timeline': TimelineItem[];
  '/practitioners': Practitioner[];
  '/practitioners/{id}': Practitioner;
  '/practitioners/{id}/history': { record: Practitioner; replaced_at: string; version: number; }[];
  '/procedures': Procedure[];
  '/procedures/{id}': Procedure;
  '/procedures/{id}/history': { record: Procedure; replaced_at: string; version: number; }[];
  '/sessions': OpenSession[];
  '/sessions/current': Session;
  '/setup': { accounts: boolean; needed: boolean; };
  '/system': { cache: { sessions: { bytes: number; entries: number; hits: number; misses: number; }; shelf: { bytes: number; entries: number; hits: number; misses: number; }; }; listeners: { behind: number; failures: number; name: string; }[]; live: { behind: number; connections: number; }; requests_in_flight: number; store: { commits: number; missing: { found: number; known: number; noticed_at: string; } | null; queue_bulk: number; queue_people: number; wal_bytes: number; }; sums: string[]; version: string; };
  '/system/settings': { file: string | null; settings: ({ allowed: string; auto: boolean; default: string | null; env: string; flag: string; help: string; key: string; origin: { kind: 'flag' | 'environment' | 'file' | 'default'; line?: number; name?: string; path?: string; }; value: string | number; })[]; sizing: string[]; warnings: string[]; };
  '/system/tls': { certificate: Certificate | null; encrypted: boolean; exposed: boolean; hsts_s: number; origin: 'own' | 'installed' | 'files' | null; root: Certificate | null; this_connection: boolean; warnings: string[]; };
  '/users': User[];
  '/users/{id}': User;
  '/users/{id}/history': { record: User; replaced_at: string; version: number; }[];
}
