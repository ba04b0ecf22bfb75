// Shapes that the screens share. API resources follow the columns of the database.
import type { VNode } from 'preact';

export interface Cursor {
  next: string | null;
  prev: string | null;
}

export interface Meta {
  cursor?: Cursor;
  /** A search found more than it gave. */
  more?: boolean;
  /** The search index is being rebuilt, so rows may be missing. */
  rebuilding?: boolean;
}

export interface Session {
  user: {
    id: string;
    username: string;
    display_name: string;
    role: string;
    role_name?: string | null;
    /** Where the password lies. */
    origin: string;
  };
  permissions: string[];
  hospital: { name: string; time_zone: string };
  expires_at: string;
  /**
   * `new_password` while the person has to choose a password before anything else, `enrolling`
   * while they have to set up a second factor.
   */
  state: 'open' | 'enrolling' | 'new_password';
  /** What was shown to open it. */
  factor: 'password' | 'totp' | 'recovery_code' | 'passkey' | 'openid' | 'openid_mfa' | null;
  /** Minutes without anybody until the page locks at the latest. */
  lock_minutes: number;
  /** Whose patients the person sees; null where no department bounds it. */
  departments: string[] | null;
  server_time: string;
  /** The place in the row of events before anything else was asked for. */
  event_seq: string;
  version: string;
}

export interface ScreenMeta {
  /** Message key of the heading and the window title. */
  title: string;
  /** What one must be allowed to see it; none for everybody who is signed in. */
  permission?: string;
  /** Which area of the rail is lit. */
  area?: string;
  /** True for screens that need no session. */
  public?: boolean;
  /** True for paper: it stands alone, without header and rail. */
  bare?: boolean;
  /** The patient of the address gets the banner and the rail shrinks. */
  patient?: boolean;
}

export interface ScreenProps {
  params: Record<string, string>;
  /** What the screen before handed over, like typed text; null otherwise. */
  given: unknown;
}

export interface ScreenModule {
  meta: ScreenMeta;
  Screen: (props: ScreenProps) => VNode<any>;
}

export interface PatientName {
  name_use?: string;
  family: string;
  given: string[];
  prefix?: string | null;
  suffix?: string | null;
}

export interface PatientTelecom {
  system: string;
  telecom_use?: string | null;
  value: string;
}

export interface PatientAddress {
  address_use?: string | null;
  line?: string | null;
  city?: string | null;
  district?: string | null;
  state?: string | null;
  postal_code?: string | null;
  country?: string | null;
}

export interface PatientIdentifier {
  system: string;
  value: string;
  type_code?: string | null;
  type_text?: string | null;
}

export interface PatientContact {
  relationship?: string | null;
  name: string;
  phone?: string | null;
}

export interface Patient {
  id: string;
  facility_id: string;
  mrn: string;
  family: string;
  given: string[];
  prefix?: string | null;
  birth_date: string | null;
  birth_date_estimated: boolean;
  sex: 'female' | 'male' | 'other' | 'unknown';
  /** Why the record is its care team's only. */
  confidential?: 'staff' | 'vip' | 'request' | 'other' | null;
  /** The record is out of reach: this only says who it is. */
  restricted?: boolean;
  gender?: string | null;
  phone: string | null;
  deceased: boolean;
  deceased_at: string | null;
  deceased_recorded: string | null;
  marital_status_text?: string | null;
  language_text?: string | null;
  multiple_birth?: number | null;
  allergies_reviewed_at?: string | null;
  allergies_reviewed_by?: string | null;
  active: boolean;
  version: number;
  created_at: string;
  updated_at: string;
  matched?: string[];
  /** The name by which a search found somebody, when it is not the one that is shown. */
  matched_name?: PatientName;
  score?: number;
  reasons?: string[];
  names?: PatientName[];
  identifiers?: PatientIdentifier[];
  telecoms?: PatientTelecom[];
  addresses?: PatientAddress[];
  contacts?: PatientContact[];
}

export interface ImportRun {
  id: string;
  source: string;
  label: string;
  status: 'running' | 'completed' | 'failed' | 'interrupted' | 'cancelled';
  bytes_total: number;
  bytes_done: number;
  started_at: string;
  ended_at: string | null;
  error: string | null;
  summary: ImportSummary;
}

export interface ImportSummary {
  read?: Record<string, number>;
  stored?: Record<string, number>;
  updated?: Record<string, number>;
  unchanged?: Record<string, number>;
  left_out?: Record<string, { count: number; reason: string }>;
  parts_left_out?: Record<string, number>;
  /** Record numbers left out because others have them; the first places only. */
  identifiers_taken?: { count: number; places: { file: string; line: number; kind: string }[] };
  /** What it did before it was interrupted and went on; counts are what is known at least. */
  before?: { interruptions: number; stored: number; updated: number };
  skipped?: Record<string, number>;
  dates?: DateOrder[];
  rejected?: number;
  /** What came of it: in a word, as the server judges it. */
  outcome?: 'all' | 'partly' | 'nothing';
  resources_per_second?: number;
}

/** How dates of a table that can mean two days were read, because another row shows it. */
export interface DateOrder {
  file: string;
  column: string;
  /** Between the numbers, like `/`. */
  mark: string;
  day_first: boolean;
  line: number;
}

export interface ImportReject {
  file: string;
  line: number | null;
  resource: string | null;
  reason: string;
}

export interface User {
  id: string;
  username: string;
  display_name: string;
  role: string;
  facility_id: string | null;
  departments?: string[];
  active: boolean;
  origin: 'local' | 'directory' | 'openid';
  last_sign_in_at: string | null;
  version: number;
}

export interface Role {
  id: string;
  code: string;
  name: string;
  built_in: boolean;
  reach: 'everybody' | 'facility' | 'departments';
  active: boolean;
  permissions: string[];
  version: number;
}

/** Something that a role can hold. */
export interface Permission {
  code: string;
  area: string;
  /** Built-in roles that hold it as they are delivered. */
  default_of: string[];
}

export interface Facility {
  id: string;
  name: string;
  phone: string | null;
  address: string | null;
  active: boolean;
  version: number;
}

export interface Department {
  id: string;
  facility_id: string;
  name: string;
  kind: 'ward' | 'clinic' | 'service';
  active: boolean;
  version: number;
}

/** What somebody sees of a patient, and why. */
export interface Sees {
  display_name: string;
  sees: 'record' | 'emergency' | 'name' | 'number' | 'nothing';
  steps: { step: string; passes: boolean; code: string; detail: string }[];
}

/** Why somebody may or may not do a thing. */
export interface Access {
  display_name: string;
  role: { id: string; code: string; name: string };
  facility: { id: string; name: string } | null;
  departments: { id: string; name: string }[];
  allowed: boolean | null;
  steps: { step: string; passes: boolean; code: string; detail: string }[];
  held_by: { id: string; code: string; name: string }[];
}

/** One attempt at a job. */
export interface Attempt {
  started_at: string;
  ended_at: string | null;
  outcome: 'done' | 'failed' | 'timed_out' | 'interrupted' | 'cancelled' | null;
  error_code: string | null;
  error_detail: string | null;
}

/** Something that the server does in the background. */
export interface Job {
  id: string;
  kind: string;
  state: 'waiting' | 'running' | 'done' | 'dead' | 'cancelled';
  run_at: string;
  tries: number;
  tries_max: number;
  cancelling: boolean;
  progress_done: number | null;
  progress_total: number | null;
  result: string | null;
  error_detail: string | null;
  started_at: string | null;
  ended_at: string | null;
  attempts: Attempt[];
}

/** Something that somebody who looks after the system has to know. */
export interface Notification {
  id: string;
  state: 'open' | 'over';
  severity: 'warning' | 'critical';
  words: string;
  facts: Record<string, string | number | null>;
  times: number;
  raised_at: string;
  over_at: string | null;
  told_at: string;
  deliveries: {
    name: string;
    event: 'raised' | 'worse' | 'over' | 'test';
    due_at: string;
    ended_at: string | null;
    outcome: 'sent' | 'dropped' | null;
  }[];
}

/** A backup that lies at the target, or did. */
export interface Backup {
  id: string;
  name: string;
  state: 'verified' | 'broken' | 'gone';
  made_at: string;
  took_ms: number | null;
  stored_bytes: number;
  patients: number;
  drilled_at: string | null;
  drill_outcome: 'passed' | 'failed' | null;
  drill_detail: string | null;
}

/** A recovery sheet, without its key. */
export interface Sheet {
  recipient: string;
  made_at: string;
  proven_at: string | null;
}

/** A bucket of S3-compatible storage, without the secret of its key. */
export interface Bucket {
  endpoint: string;
  region: string;
  name: string;
  prefix: string;
  path_style: boolean;
  access_key: string;
  ca_pem: string | null;
}

/** How backups are set, and how they stand. */
export interface BackupPlan {
  folder: string;
  bucket: Bucket | null;
  has_secret: boolean;
  keep: { daily: number; weekly: number; monthly: number };
  recipients: string[];
  same_volume: boolean | null;
  version: number;
  sheet: Sheet | null;
  pending: Sheet | null;
  not_ready: string | null;
  newest: { name: string; made_at: string; stored_bytes: number } | null;
  drilled: {
    name: string;
    drilled_at: string;
    outcome: 'passed' | 'failed';
    detail: string | null;
  } | null;
  log: {
    lag_ms: number | null;
    behind_bytes: number;
    trouble: string | null;
    is_on: boolean;
  } | null;
}

/** When a kind of job comes by the hospital's clock. */
export interface Schedule {
  id: string;
  kind: string;
  cron: string;
  active: boolean;
  catch_up: boolean;
  next_at: string | null;
  last_at: string | null;
  version: number;
}

/** How one system of the server is; `because` is the series that speaks for it. */
export interface SystemLook {
  system: string;
  state: 'ok' | 'warning' | 'critical' | 'unknown';
  because: string;
  value: number | null;
  is_now: boolean;
}

/** How full something is; of memory in per cent, else in bytes. */
export interface Fill {
  what: string;
  used: number;
  limit: number;
  outlook: 'unknown' | 'steady' | 'full';
  days: number | null;
}

/** How every system is, and what fills up. */
export interface Watch {
  measured_at: string | null;
  systems: SystemLook[];
  figures: Record<string, number | null>;
  capacity: Fill[];
  open_alerts: number;
  silent: boolean;
}

/** What was measured: `mean` of each step, and what it lay between where a step is several. */
export interface SeriesLine {
  code: string;
  unit: string;
  mean: (number | null)[];
  min?: (number | null)[];
  max?: (number | null)[];
}

/** The steps of a span, `at` in seconds since 1970. */
export interface Samples {
  span: string;
  step_s: number;
  at: number[];
  series: SeriesLine[];
}

/** From where on something is wrong. */
export interface AlertRule {
  id: string;
  code: string;
  series: string;
  direction: 'above' | 'below';
  warning: string | null;
  critical: string | null;
  clear: string | null;
  for_s: number;
  enabled: boolean;
  version: number;
}

/** What was wrong, since when and until when. */
export interface Alert {
  id: string;
  rule_id: string;
  series: string;
  level: 'warning' | 'critical';
  value: string | null;
  threshold: string | null;
  is_test: boolean;
  raised_at: string;
  told_at: string | null;
  acknowledged_at: string | null;
  acknowledged_name: string | null;
  recovered_at: string | null;
}

/** A time in which nobody is told. */
export interface Silence {
  id: string;
  rule_id: string | null;
  minutes: number;
  reason: string;
  ordered_name: string | null;
  until_at: string;
  version: number;
}

/** What took long, and what costs most. */
export interface Slow {
  requests: {
    ended_at: string;
    method: string;
    route: string;
    status: number;
    took_ms: number;
    request_id: string;
  }[];
  statements: {
    last_at: string;
    statement: string;
    plan: string[];
    times: number;
    longest_ms: number;
    last_ms: number;
  }[];
  costliest: {
    statement: string;
    calls: number;
    total_ms: number;
    mean_ms: number;
    longest_ms: number;
  }[];
}

/** A line of the log. */
export interface LogLine {
  number: number;
  level: 'error' | 'warn' | 'info' | 'debug';
  fields: { timestamp?: string; message?: string; target?: string; [field: string]: unknown };
}
