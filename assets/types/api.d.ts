// Made from the description of the API by src/tests/typescript.rs; not edited.

export interface Access {
  active: boolean;
  allowed: boolean | null;
  departments: { id: string; name: string; }[];
  display_name: string;
  facility: { id: string; name: string; } | null;
  held_by: { active: boolean; code: string; id: string; name: string; }[];
  permission: 'patients.read' | 'patients.write' | 'patients.confidential' | 'encounters.read' | 'encounters.write' | 'records.read' | 'records.write' | 'break_glass.use' | 'break_glass.review' | 'providers.read' | 'providers.write' | 'facilities.read' | 'facilities.write' | 'users.read' | 'users.write' | 'roles.read' | 'roles.write' | 'tokens.read' | 'tokens.write' | 'audit.read' | 'audit.export' | 'imports.run' | 'system.read' | 'system.write' | 'settings.write' | 'security.write' | null;
  permissions: ('patients.read' | 'patients.write' | 'patients.confidential' | 'encounters.read' | 'encounters.write' | 'records.read' | 'records.write' | 'break_glass.use' | 'break_glass.review' | 'providers.read' | 'providers.write' | 'facilities.read' | 'facilities.write' | 'users.read' | 'users.write' | 'roles.read' | 'roles.write' | 'tokens.read' | 'tokens.write' | 'audit.read' | 'audit.export' | 'imports.run' | 'system.read' | 'system.write' | 'settings.write' | 'security.write')[];
  reach: { effective: 'everybody' | 'facility' | 'departments'; role: 'everybody' | 'facility' | 'departments'; why: string; };
  role: { active: boolean; code: string; id: string; name: string; };
  steps: { code: string; detail: string; passes: boolean; step: string; }[];
  user_id: string;
}

export interface Alert {
  acknowledged_at?: string | null;
  acknowledged_by?: string | null;
  acknowledged_name?: string | null;
  created_at?: string;
  escalated_at?: string | null;
  id: string;
  is_test?: boolean | null;
  level?: 'warning' | 'critical';
  raised_at?: string;
  recovered_at?: string | null;
  rule_id?: string;
  series?: 'requests_per_second' | 'errors_percent' | 'errors_per_minute' | 'duration_p50_ms' | 'duration_p95_ms' | 'duration_p99_ms' | 'duration_mean_ms' | 'requests_in_flight' | 'live_connections' | 'connections_percent' | 'commits_per_second' | 'commit_longest_ms' | 'writer_queue' | 'readers_in_use' | 'statement_mean_ms' | 'wal_bytes' | 'wal_waiting_bytes' | 'snapshot_oldest_seconds' | 'database_bytes' | 'database_up' | 'cache_hit_percent' | 'jobs_waiting' | 'jobs_oldest_seconds' | 'jobs_failing' | 'backup_lag_seconds' | 'backup_behind_bytes' | 'backup_age_hours' | 'backup_good' | 'process_cpu_percent' | 'process_memory_bytes' | 'machine_cpu_percent' | 'machine_memory_percent' | 'disk_busy_percent' | 'disk_free_percent' | 'disk_free_bytes' | 'network_received_bytes_per_second' | 'network_sent_bytes_per_second';
  threshold?: string | null;
  told_at?: string | null;
  updated_at?: string;
  value?: string | null;
  version?: number;
}

export interface AlertRule {
  clear?: string | null;
  code?: string;
  created_at?: string;
  critical?: string | null;
  direction?: 'above' | 'below';
  enabled?: boolean | null;
  for_s?: number;
  id: string;
  series?: 'requests_per_second' | 'errors_percent' | 'errors_per_minute' | 'duration_p50_ms' | 'duration_p95_ms' | 'duration_p99_ms' | 'duration_mean_ms' | 'requests_in_flight' | 'live_connections' | 'connections_percent' | 'commits_per_second' | 'commit_longest_ms' | 'writer_queue' | 'readers_in_use' | 'statement_mean_ms' | 'wal_bytes' | 'wal_waiting_bytes' | 'snapshot_oldest_seconds' | 'database_bytes' | 'database_up' | 'cache_hit_percent' | 'jobs_waiting' | 'jobs_oldest_seconds' | 'jobs_failing' | 'backup_lag_seconds' | 'backup_behind_bytes' | 'backup_age_hours' | 'backup_good' | 'process_cpu_percent' | 'process_memory_bytes' | 'machine_cpu_percent' | 'machine_memory_percent' | 'disk_busy_percent' | 'disk_free_percent' | 'disk_free_bytes' | 'network_received_bytes_per_second' | 'network_sent_bytes_per_second';
  updated_at?: string;
  version?: number;
  warning?: string | null;
}

export interface AlertRuleAmend {
  clear?: string | number | null;
  critical?: string | number | null;
  enabled?: boolean | null;
  for_s?: number;
  warning?: string | number | null;
}

export interface AlertSilence {
  created_at?: string;
  id: string;
  minutes?: number;
  ordered_by?: string | null;
  ordered_name?: string | null;
  reason?: string;
  rule_id?: string | null;
  until_at?: string;
  updated_at?: string;
  version?: number;
}

export interface AlertSilenceAmend {
  minutes?: number;
  reason?: string;
  rule_id?: string | null;
}

export interface AlertSilenceCreate {
  minutes: number;
  reason: string;
  rule_id?: string | null;
}

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

export interface AuditAnchor {
  at: string;
  hash: string;
  line: string;
  row: string;
}

export interface AuditCustody {
  anchor: AuditAnchor | null;
  archives: ({ archived_at: string; file: string; first_at: string; first_row: string; last_at: string; last_row: string; state: 'pruning' | 'archived' | 'restoring'; })[];
  keep_days: { access: number; administration: number; changes: number; reads: number; };
  newest: { hash: string; row: string; } | null;
  proof: { anchors: number; archives: number; at: string; by: string; flaw: string | null; hash: string; row: string; whole: boolean; } | null;
  task: AuditTask;
}

export interface AuditEntry {
  act: string;
  actor_id: string | null;
  actor_name: string;
  address: string | null;
  at: string;
  class: 'reads' | 'changes' | 'access' | 'administration';
  count: number;
  detail: string | null;
  emergency: { reason: 'emergency' | 'covering' | 'consult' | 'transfer' | 'patient_request' | 'technical' | 'unmarked'; text: string; } | null;
  id: string;
  last_at: string | null;
  outcome: 'done' | 'refused';
  patient: { birth_date: string | null; family: string; given: string; mrn: string; } | null;
  patient_id: string | null;
  reason: string | null;
  request_id: string | null;
  role: string | null;
  subject_id: string | null;
  subject_kind: string;
  subject_name: string | null;
}

export interface AuditGroup {
  actor_id: string | null;
  actor_name: string;
  acts: { act: string; count: number; }[];
  addresses: string[];
  changes: number;
  day: string;
  emergencies: ({ reason: 'emergency' | 'covering' | 'consult' | 'transfer' | 'patient_request' | 'technical' | 'unmarked'; text: string; })[];
  first_at: string;
  last_at: string;
  others: number;
  reasons: string[];
  refused: number;
  roles: string[];
  views: number;
}

export interface AuditTask {
  done: number;
  kind: 'verify' | 'prune' | 'restore' | null;
  number: number;
  outcome: Record<string, unknown> | null;
  running: boolean;
  total: number;
}

export interface Backup {
  created_at?: string;
  database_bytes?: number;
  drill_detail?: string | null;
  drill_outcome?: 'passed' | 'failed' | null;
  drill_took_ms?: number | null;
  drilled_at?: string | null;
  id: string;
  made_at?: string;
  name?: string;
  patients?: number;
  schema_version?: number;
  state?: 'verified' | 'broken' | 'gone';
  stored_bytes?: number;
  took_ms?: number | null;
  updated_at?: string;
  version?: number;
}

export interface BackupPlan {
  bucket: { access_key?: string; ca_pem?: string | null; endpoint?: string; name?: string; path_style?: boolean; prefix?: string; region?: string; } | null;
  drilled: { detail: string | null; drilled_at: string; name: string; outcome: 'passed' | 'failed'; took_ms: number | null; } | null;
  folder: string;
  has_secret: boolean;
  hospital: string | null;
  keep: { daily?: number; monthly?: number; weekly?: number; };
  log: { behind_bytes: number; is_on: boolean; lag_ms: number | null; shipped_at: string | null; trouble: string | null; } | null;
  newest: { made_at: string; name: string; stored_bytes: number; } | null;
  not_ready: string | null;
  pending: { made_at: string; proven_at: string | null; recipient: string; } | null;
  recipients: string[];
  same_volume: boolean | null;
  sheet: { made_at: string; proven_at: string | null; recipient: string; } | null;
  version: number;
}

export interface BreakGlass {
  closed_at: string | null;
  expires_at: string;
  id: string;
  open: boolean;
  opened_at: string;
  overdue: boolean;
  patient: { birth_date: string | null; family: string; given: string[]; id: string; mrn: string; prefix: string | null; sex: string; };
  reason: 'emergency' | 'covering' | 'consult' | 'transfer' | 'patient_request' | 'technical' | 'unmarked';
  review_note: string | null;
  reviewed_at: string | null;
  reviewed_by: { display_name: string | null; id: string; } | null;
  text: string;
  user: { display_name: string; id: string; role: string; };
  verdict: 'justified' | 'not_justified' | null;
  version: number;
  visits_recorded: number;
}

export interface CareTeamMember {
  added_by: string | null;
  current: boolean;
  ended_at: string | null;
  id: string;
  since_at: string;
  until_at: string | null;
  user: { display_name: string; id: string; role: string; };
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

export interface Department {
  active?: boolean | null;
  created_at?: string;
  facility?: Facility | null;
  facility_id?: string | null;
  id: string;
  kind?: 'ward' | 'clinic' | 'service';
  name?: string;
  updated_at?: string;
  version?: number;
}

export interface DepartmentAmend {
  active?: boolean | null;
  facility_id?: string | null;
  kind?: 'ward' | 'clinic' | 'service';
  name?: string;
}

export interface DepartmentCreate {
  active?: boolean | null;
  facility_id?: string | null;
  kind: 'ward' | 'clinic' | 'service';
  name: string;
}

export interface Directory {
  asked_at: string | null;
  base: string;
  bind_dn: string;
  ca_pem: string | null;
  enabled: boolean;
  flavor: 'active_directory' | 'ldap';
  group_base: string | null;
  has_password: boolean;
  mapping: RoleRule[];
  nested_groups: boolean;
  servers: string[];
  trouble: string | null;
  user_filter: string | null;
  version: number;
}

export interface DirectorySettings {
  base?: string;
  bind_dn?: string;
  ca_pem?: string | null;
  enabled?: boolean;
  flavor?: 'active_directory' | 'ldap';
  group_base?: string | null;
  mapping?: RoleRule[];
  nested_groups?: boolean;
  servers?: string[];
  user_filter?: string | null;
}

export interface Encounter {
  class?: 'ambulatory' | 'emergency' | 'inpatient' | 'observation' | 'home' | 'virtual' | 'urgent_care' | 'wellness' | 'hospice' | 'other';
  code?: string | null;
  code_system?: string | null;
  code_text?: string | null;
  created_at?: string;
  department?: Department | null;
  department_id?: string | null;
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
  department_id?: string | null;
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
  department_id?: string | null;
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
  services: { audit: 'ok' | 'waiting' | 'refusing'; cache: 'ok' | 'failed'; clock: 'ok' | 'behind'; database: 'ok' | 'failed' | 'disk_full' | 'read_only' | 'superseded'; disk: 'ok' | 'imports_paused' | 'pruning_early' | 'uploads_stopped' | 'charting_only'; events: 'ok' | 'behind' | 'failing' | 'failed'; queue: 'ok' | 'busy'; queue_size: number; search: 'ok' | 'rebuilding' | 'failing'; };
  status: 'healthy' | 'degraded' | 'unhealthy';
}

export interface Hospital {
  break_glass_minutes: number;
  days_after_visit: number;
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

export interface Job {
  attempts?: JobAttempt[];
  cancelling?: boolean | null;
  created_at?: string;
  ended_at?: string | null;
  error_code?: string | null;
  error_detail?: string | null;
  id: string;
  kind?: string;
  ordered_by?: string | null;
  priority?: number;
  progress_done?: number | null;
  progress_total?: number | null;
  result?: string | null;
  run_at?: string;
  started_at?: string | null;
  state?: 'waiting' | 'running' | 'done' | 'dead' | 'cancelled';
  tries?: number;
  tries_max?: number;
  updated_at?: string;
  version?: number;
}

export interface JobAttempt {
  ended_at?: string | null;
  error_code?: string | null;
  error_detail?: string | null;
  outcome?: 'done' | 'failed' | 'timed_out' | 'interrupted' | 'cancelled' | null;
  started_at?: string;
}

export interface JobAttemptSent {
}

export interface Limits {
  enforced: boolean;
  limits: { 'account-bulk': { burst: number; default: { burst: number; per_minute: number; }; per_minute: number; }; 'account-export': { burst: number; default: { burst: number; per_minute: number; }; per_minute: number; }; 'account-read': { burst: number; default: { burst: number; per_minute: number; }; per_minute: number; }; 'account-search': { burst: number; default: { burst: number; per_minute: number; }; per_minute: number; }; 'account-write': { burst: number; default: { burst: number; per_minute: number; }; per_minute: number; }; 'address-bulk': { burst: number; default: { burst: number; per_minute: number; }; per_minute: number; }; 'address-export': { burst: number; default: { burst: number; per_minute: number; }; per_minute: number; }; 'address-read': { burst: number; default: { burst: number; per_minute: number; }; per_minute: number; }; 'address-search': { burst: number; default: { burst: number; per_minute: number; }; per_minute: number; }; 'address-write': { burst: number; default: { burst: number; per_minute: number; }; per_minute: number; }; 'anonymous-read': { burst: number; default: { burst: number; per_minute: number; }; per_minute: number; }; 'anonymous-sign-in': { burst: number; default: { burst: number; per_minute: number; }; per_minute: number; }; };
  updated_at: string | null;
  version: number;
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

export interface MailSettings {
  ca_pem: string | null;
  enabled: boolean;
  from: string;
  has_password: boolean;
  host: string;
  port: number;
  security: 'starttls' | 'tls' | 'none';
  username: string | null;
  version: number;
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

export interface Notification {
  created_at?: string;
  deliveries?: NotificationDeliverie[];
  facts?: Record<string, unknown>;
  id: string;
  last_at?: string;
  over_at?: string | null;
  raised_at?: string;
  severity?: 'warning' | 'critical';
  state?: 'open' | 'over';
  subject?: string;
  times?: number;
  told_at?: string;
  updated_at?: string;
  version?: number;
  words?: string;
}

export interface NotificationChannels {
  channels: ({ host: string; key: string; language: 'en' | 'fr' | 'ar'; level: 'all' | 'critical' | 'none'; name: string; signing_secret: string | null; sort: 'webhook' | 'slack' | 'discord'; })[];
  version: number;
}

export interface NotificationDeliverie {
  due_at?: string;
  ended_at?: string | null;
  event?: 'raised' | 'worse' | 'over' | 'test';
  name?: string;
  outcome?: 'sent' | 'dropped' | null;
}

export interface NotificationDeliverieSent {
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
  factor: 'password' | 'totp' | 'recovery_code' | 'passkey' | 'openid' | 'openid_mfa';
  here: boolean;
  id: string;
  last_used_at: string;
  locked: boolean;
  user_agent: string | null;
  user_id: string;
}

export interface OpenedSession {
  data: Session;
  token: string;
}

export interface OpenidProvider {
  asks_second_factor: boolean;
  ca_pem: string | null;
  client_id: string;
  enabled: boolean;
  groups_claim: string;
  has_secret: boolean;
  issuer: string;
  mapping: RoleRule[];
  name: string;
  own_url: string;
  scopes: string[];
  trouble: string | null;
  username_claim: string;
  version: number;
}

export interface OpenidSettings {
  asks_second_factor?: boolean;
  ca_pem?: string | null;
  client_id?: string;
  enabled?: boolean;
  groups_claim?: string;
  issuer?: string;
  mapping?: RoleRule[];
  name?: string;
  own_url?: string;
  scopes?: string[];
  username_claim?: string;
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

export interface OwnNotifications {
  digest: 'none' | 'weekly' | 'daily';
  email: string | null;
  language: 'en' | 'fr' | 'ar';
  level: 'all' | 'critical' | 'none';
  mail_is_set: boolean;
  quiet_from: string | null;
  quiet_until: string | null;
  seen_at: string;
  unseen: number;
  version: number;
}

export interface OwnSecurity {
  origin: 'local' | 'directory' | 'openid' | null;
  passkeys: Passkey[];
  passkeys_work_here: boolean;
  password_length_min: number;
  pin: boolean;
  recovery_codes: number;
  second_factor_required: boolean;
  totp_since: string | null;
}

export interface Passkey {
  created_at: string;
  id: string;
  last_used_at: string | null;
  name: string;
  site: string;
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
  confidential?: 'staff' | 'vip' | 'request' | 'other' | null;
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
  restricted?: boolean;
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

export interface Permission {
  area: string;
  code: 'patients.read' | 'patients.write' | 'patients.confidential' | 'encounters.read' | 'encounters.write' | 'records.read' | 'records.write' | 'break_glass.use' | 'break_glass.review' | 'providers.read' | 'providers.write' | 'facilities.read' | 'facilities.write' | 'users.read' | 'users.write' | 'roles.read' | 'roles.write' | 'tokens.read' | 'tokens.write' | 'audit.read' | 'audit.export' | 'imports.run' | 'system.read' | 'system.write' | 'settings.write' | 'security.write';
  default_of: string[];
  may: string;
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
  offers?: string;
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

export interface Role {
  active?: boolean | null;
  built_in?: boolean | null;
  code?: string;
  created_at?: string;
  id: string;
  name?: string;
  permissions?: ('patients.read' | 'patients.write' | 'patients.confidential' | 'encounters.read' | 'encounters.write' | 'records.read' | 'records.write' | 'break_glass.use' | 'break_glass.review' | 'providers.read' | 'providers.write' | 'facilities.read' | 'facilities.write' | 'users.read' | 'users.write' | 'roles.read' | 'roles.write' | 'tokens.read' | 'tokens.write' | 'audit.read' | 'audit.export' | 'imports.run' | 'system.read' | 'system.write' | 'settings.write' | 'security.write')[];
  reach?: 'everybody' | 'facility' | 'departments';
  updated_at?: string;
  version?: number;
}

export interface RoleAmend {
  active?: boolean | null;
  code?: string;
  name?: string;
  permissions?: ('patients.read' | 'patients.write' | 'patients.confidential' | 'encounters.read' | 'encounters.write' | 'records.read' | 'records.write' | 'break_glass.use' | 'break_glass.review' | 'providers.read' | 'providers.write' | 'facilities.read' | 'facilities.write' | 'users.read' | 'users.write' | 'roles.read' | 'roles.write' | 'tokens.read' | 'tokens.write' | 'audit.read' | 'audit.export' | 'imports.run' | 'system.read' | 'system.write' | 'settings.write' | 'security.write')[] | null;
  reach?: 'everybody' | 'facility' | 'departments';
}

export interface RoleCreate {
  active?: boolean | null;
  code: string;
  name: string;
  permissions?: ('patients.read' | 'patients.write' | 'patients.confidential' | 'encounters.read' | 'encounters.write' | 'records.read' | 'records.write' | 'break_glass.use' | 'break_glass.review' | 'providers.read' | 'providers.write' | 'facilities.read' | 'facilities.write' | 'users.read' | 'users.write' | 'roles.read' | 'roles.write' | 'tokens.read' | 'tokens.write' | 'audit.read' | 'audit.export' | 'imports.run' | 'system.read' | 'system.write' | 'settings.write' | 'security.write')[] | null;
  reach: 'everybody' | 'facility' | 'departments';
}

export interface RoleRule {
  facility_id?: string | null;
  group: string;
  role: string;
}

export interface Schedule {
  active?: boolean | null;
  catch_up?: boolean | null;
  created_at?: string;
  cron?: string;
  id: string;
  kind?: string;
  last_at?: string | null;
  last_job_id?: string | null;
  next_at?: string | null;
  updated_at?: string;
  version?: number;
  zone?: string | null;
}

export interface ScheduleAmend {
  active?: boolean | null;
  catch_up?: boolean | null;
  cron?: string;
}

export interface Sees {
  display_name: string;
  sees: 'record' | 'emergency' | 'name' | 'number' | 'nothing';
  steps: { code: string; detail: string; passes: boolean; step: string; }[];
  user_id: string;
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
  departments: string[] | null;
  event_seq: string;
  expires_at: string | null;
  factor: 'password' | 'totp' | 'recovery_code' | 'passkey' | 'openid' | 'openid_mfa' | null;
  hospital: { name: string; time_zone: string; } | null;
  lock_minutes: number;
  permissions: string[];
  server_time: string;
  state: 'open' | 'enrolling' | 'new_password';
  user: { display_name: string; id: string | null; origin: 'local' | 'directory' | 'openid' | null; role: string; role_name: string | null; username: string | null; };
  version: string;
}

export interface SignInRules {
  lock_minutes: number;
  lock_minutes_of_roles: Record<string, unknown>;
  second_factor_roles: string[];
  version: number;
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

export interface Token {
  created_at: string;
  created_by: string | null;
  expires_at: string;
  id: string;
  last_used_at: string | null;
  last_used_from: string | null;
  name: string;
  revoked_at: string | null;
  scopes: string[];
  starts_with: string;
  state: 'active' | 'expired' | 'revoked';
  user_id: string;
  user_name: string;
}

export interface User {
  active?: boolean | null;
  created_at?: string;
  departments?: string[];
  display_name?: string;
  facility_id?: string | null;
  id: string;
  last_sign_in_at?: string | null;
  origin?: 'local' | 'directory' | 'openid' | null;
  role?: string;
  updated_at?: string;
  username?: string;
  version?: number;
}

export interface UserAmend {
  active?: boolean | null;
  departments?: string[] | null;
  display_name?: string;
  facility_id?: string | null;
  origin?: 'local' | 'directory' | 'openid' | null;
  role?: string;
  username?: string;
}

export interface UserCreate {
  active?: boolean | null;
  departments?: string[] | null;
  display_name: string;
  facility_id?: string | null;
  origin?: 'local' | 'directory' | 'openid' | null;
  password: string;
  role: string;
  temporary?: boolean;
  username: string;
}

export interface Watch {
  capacity: ({ days: number | null; limit: number; outlook: 'unknown' | 'steady' | 'full'; used: number; what: 'disk' | 'database' | 'memory' | 'wal' | 'spool'; })[];
  figures: Record<string, unknown>;
  measured_at: string | null;
  open_alerts: number;
  silent: boolean;
  systems: ({ because: 'requests_per_second' | 'errors_percent' | 'errors_per_minute' | 'duration_p50_ms' | 'duration_p95_ms' | 'duration_p99_ms' | 'duration_mean_ms' | 'requests_in_flight' | 'live_connections' | 'connections_percent' | 'commits_per_second' | 'commit_longest_ms' | 'writer_queue' | 'readers_in_use' | 'statement_mean_ms' | 'wal_bytes' | 'wal_waiting_bytes' | 'snapshot_oldest_seconds' | 'database_bytes' | 'database_up' | 'cache_hit_percent' | 'jobs_waiting' | 'jobs_oldest_seconds' | 'jobs_failing' | 'backup_lag_seconds' | 'backup_behind_bytes' | 'backup_age_hours' | 'backup_good' | 'process_cpu_percent' | 'process_memory_bytes' | 'machine_cpu_percent' | 'machine_memory_percent' | 'disk_busy_percent' | 'disk_free_percent' | 'disk_free_bytes' | 'network_received_bytes_per_second' | 'network_sent_bytes_per_second'; is_now: boolean; state: 'ok' | 'warning' | 'critical' | 'unknown'; system: 'answers' | 'database' | 'disk' | 'machine' | 'jobs' | 'backups'; value: number | null; })[];
}

/** What `GET` answers at each address below /api/v1. */
export interface Answers {
  '/alert-rules': AlertRule[];
  '/alert-rules/{id}': AlertRule;
  '/alert-rules/{id}/history': { record: AlertRule; replaced_at: string; version: number; }[];
  '/alert-silences': AlertSilence[];
  '/alert-silences/{id}': AlertSilence;
  '/alert-silences/{id}/history': { record: AlertSilence; replaced_at: string; version: number; }[];
  '/alerts': Alert[];
  '/alerts/{id}': Alert;
  '/alerts/{id}/history': { record: Alert; replaced_at: string; version: number; }[];
  '/allergies': Allergy[];
  '/allergies/{id}': Allergy;
  '/allergies/{id}/history': { record: Allergy; replaced_at: string; version: number; }[];
  '/audit': AuditEntry[];
  '/audit/custody': AuditCustody;
  '/backup': BackupPlan;
  '/backup/moments': { from: string | null; kept: string[]; ready: { log_is_broken: boolean; patients: number; reached: string; } | null; until: string | null; };
  '/backups': Backup[];
  '/backups/{id}': Backup;
  '/backups/{id}/history': { record: Backup; replaced_at: string; version: number; }[];
  '/break-glass': BreakGlass[];
  '/care-team/people': { display_name: string; id: string; role: string; }[];
  '/conditions': Condition[];
  '/conditions/{id}': Condition;
  '/conditions/{id}/history': { record: Condition; replaced_at: string; version: number; }[];
  '/departments': Department[];
  '/departments/{id}': Department;
  '/departments/{id}/history': { record: Department; replaced_at: string; version: number; }[];
  '/directory': Directory;
  '/encounters': Encounter[];
  '/encounters/{id}': Encounter;
  '/encounters/{id}/history': { record: Encounter; replaced_at: string; version: number; }[];
  '/facilities': Facility[];
  '/facilities/{id}': Facility;
  '/facilities/{id}/history': { record: Facility; replaced_at: string; version: number; }[];
  '/hospital': Hospital;
  '/hospital/sign-in': SignInRules;
  '/immunizations': Immunization[];
  '/immunizations/{id}': Immunization;
  '/immunizations/{id}/history': { record: Immunization; replaced_at: string; version: number; }[];
  '/imports': Import[];
  '/imports/{id}': Import;
  '/imports/{id}/history': { record: Import; replaced_at: string; version: number; }[];
  '/imports/{id}/rejects': ImportReject[];
  '/jobs': Job[];
  '/jobs/{id}': Job;
  '/jobs/{id}/history': { record: Job; replaced_at: string; version: number; }[];
  '/limits': Limits;
  '/locations': Location[];
  '/locations/{id}': Location;
  '/locations/{id}/history': { record: Location; replaced_at: string; version: number; }[];
  '/mail': MailSettings;
  '/medication-requests': MedicationRequest[];
  '/medication-requests/{id}': MedicationRequest;
  '/medication-requests/{id}/history': { record: MedicationRequest; replaced_at: string; version: number; }[];
  '/notification-channels': NotificationChannels;
  '/notifications': Notification[];
  '/notifications/{id}': Notification;
  '/notifications/{id}/history': { record: Notification; replaced_at: string; version: number; }[];
  '/observations': Observation[];
  '/observations/{id}': Observation;
  '/observations/{id}/history': { record: Observation; replaced_at: string; version: number; }[];
  '/openid': OpenidProvider;
  '/organizations': Organization[];
  '/organizations/{id}': Organization;
  '/organizations/{id}/history': { record: Organization; replaced_at: string; version: number; }[];
  '/patients': Patient[];
  '/patients/matches': Patient[];
  '/patients/shelf': { letters: { letter: string; place: number; }[]; total: number; };
  '/patients/{id}': Patient;
  '/patients/{id}/access': Sees;
  '/patients/{id}/audit': { groups: AuditGroup[]; patient: { birth_date: string | null; family: string; given: string; mrn: string; } | null; patient_id: string; };
  '/patients/{id}/care-team': CareTeamMember[];
  '/patients/{id}/history': { record: Patient; replaced_at: string; version: number; }[];
  '/patients/{id}/print/patient-summary': { allergies: { data: Allergy[]; meta: Meta; }; conditions: { data: Condition[]; meta: Meta; }; encounters: { data: Encounter[]; meta: Meta; }; immunizations: { data: Immunization[]; meta: Meta; }; 'medication-requests': { data: MedicationRequest[]; meta: Meta; }; patient: Patient; series: Series[]; };
  '/patients/{id}/series': Series[];
  '/patients/{id}/timeline': TimelineItem[];
  '/permissions': Permission[];
  '/practitioners': Practitioner[];
  '/practitioners/{id}': Practitioner;
  '/practitioners/{id}/history': { record: Practitioner; replaced_at: string; version: number; }[];
  '/procedures': Procedure[];
  '/procedures/{id}': Procedure;
  '/procedures/{id}/history': { record: Procedure; replaced_at: string; version: number; }[];
  '/roles': Role[];
  '/roles/{id}': Role;
  '/roles/{id}/history': { record: Role; replaced_at: string; version: number; }[];
  '/schedules': Schedule[];
  '/schedules/{id}': Schedule;
  '/schedules/{id}/history': { record: Schedule; replaced_at: string; version: number; }[];
  '/sessions': OpenSession[];
  '/sessions/current': Session;
  '/sessions/ways': { directory: boolean; openid: { name: string; } | null; };
  '/setup': { accounts: boolean; needed: boolean; };
  '/system': { backup: { state: 'unset' | 'none' | 'late' | 'broken' | 'unproven' | 'ok'; }; cache: { sessions: { bytes: number; entries: number; hits: number; misses: number; }; shelf: { bytes: number; entries: number; hits: number; misses: number; }; }; forwarded_ignored: number; jobs: { failing: number; running: number; waiting: number; }; listeners: { behind: number; failures: number; name: string; }[]; live: { behind: number; connections: number; }; rate_limits: { buckets: number; buckets_max: number; crowded: number; enforced: boolean; refused: number; }; requests_in_flight: number; store: { commits: number; missing: { found: number; known: number; noticed_at: string; } | null; queue_bulk: number; queue_people: number; wal_bytes: number; }; sums: string[]; version: string; };
  '/system/doctor': { checked_at: string; checks: ({ detail: string; mend: string | null; name: string; state: 'ok' | 'warn' | 'fail'; })[]; ok: boolean; };
  '/system/log': { lines: ({ fields: Record<string, unknown>; level: 'error' | 'warn' | 'info' | 'debug'; number: number; })[]; newest: number; };
  '/system/samples': { at: number[]; series: ({ code: 'requests_per_second' | 'errors_percent' | 'errors_per_minute' | 'duration_p50_ms' | 'duration_p95_ms' | 'duration_p99_ms' | 'duration_mean_ms' | 'requests_in_flight' | 'live_connections' | 'connections_percent' | 'commits_per_second' | 'commit_longest_ms' | 'writer_queue' | 'readers_in_use' | 'statement_mean_ms' | 'wal_bytes' | 'wal_waiting_bytes' | 'snapshot_oldest_seconds' | 'database_bytes' | 'database_up' | 'cache_hit_percent' | 'jobs_waiting' | 'jobs_oldest_seconds' | 'jobs_failing' | 'backup_lag_seconds' | 'backup_behind_bytes' | 'backup_age_hours' | 'backup_good' | 'process_cpu_percent' | 'process_memory_bytes' | 'machine_cpu_percent' | 'machine_memory_percent' | 'disk_busy_percent' | 'disk_free_percent' | 'disk_free_bytes' | 'network_received_bytes_per_second' | 'network_sent_bytes_per_second'; max?: (number | null)[]; mean: (number | null)[]; min?: (number | null)[]; unit: 'count' | 'per_second' | 'percent' | 'ms' | 'seconds' | 'hours' | 'bytes' | 'bytes_per_second' | 'yes'; })[]; span: 'hour' | 'day' | 'month'; step_s: number; };
  '/system/settings': { file: string | null; settings: ({ allowed: string; auto: boolean; default: string | null; env: string; flag: string; help: string; key: string; origin: { kind: 'flag' | 'environment' | 'file' | 'default'; line?: number; name?: string; path?: string; }; value: string | number; })[]; sizing: string[]; warnings: string[]; };
  '/system/slow': { costliest: { calls: number; longest_ms: number; mean_ms: number; statement: string; total_ms: number; }[]; requests: { ended_at: string; method: string; request_id: string; route: string; status: number; took_ms: number; }[]; statements: { last_at: string; last_ms: number; longest_ms: number; plan: string[]; statement: string; times: number; }[]; };
  '/system/support-bundle': { entries: { bytes: number; name: string; text: string; }[]; id: string; };
  '/system/tls': { certificate: Certificate | null; encrypted: boolean; exposed: boolean; hsts_s: number; origin: 'own' | 'installed' | 'files' | null; root: Certificate | null; this_connection: boolean; warnings: string[]; };
  '/system/watch': Watch;
  '/tokens': Token[];
  '/tokens/{id}': Token;
  '/users': User[];
  '/users/current/notifications': OwnNotifications;
  '/users/current/security': OwnSecurity;
  '/users/{id}': User;
  '/users/{id}/access': Access;
  '/users/{id}/history': { record: User; replaced_at: string; version: number; }[];
  '/workstations/current': { people: ({ current: boolean; display_name: string; origin: 'local' | 'directory' | 'openid'; pin: boolean; since: string; user_id: string; })[]; };
}
