-- Migration 2: applications, contracts, fees, and an audit trail that shows when somebody changed it.

-- Each row's `chain` is SHA-256 over the chain of the row before and this row. Rows from before have none.
ALTER TABLE audit ADD COLUMN detail TEXT;
ALTER TABLE audit ADD COLUMN chain BLOB;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_is_never_removed BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'the audit trail is append-only'); END;

-- What the operator says of itself: the profile of the wire as JSON; no row means the built-in example.
CREATE TABLE operator_profile (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    profile TEXT NOT NULL
) STRICT;

CREATE TABLE application (
    id INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    key_hash BLOB NOT NULL,
    -- The customer; of a new one once its credentials are issued.
    corporation INTEGER REFERENCES corporation,
    -- What was applied for, as on the wire.
    applied TEXT NOT NULL,
    received_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'completed', 'declined', 'withdrawn')),
    issued_at TEXT
) STRICT;
CREATE INDEX application_by_corporation ON application (corporation);
CREATE INDEX application_open ON application (id) WHERE state = 'open';

-- Certificates of the operator. Each may act for 100 offices at most（features C18, M06）.
CREATE TABLE certificate (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    expires_on TEXT NOT NULL
) STRICT;

CREATE TABLE application_office (
    application INTEGER NOT NULL REFERENCES application,
    position INTEGER NOT NULL,
    office_number TEXT NOT NULL,
    -- The office begins with this application, so that no other one may hold it.
    begins INTEGER NOT NULL CHECK (begins IN (0, 1)),
    poa TEXT NOT NULL CHECK (poa IN ('not_needed', 'waiting', 'received', 'defective', 'accepted')),
    poa_since TEXT NOT NULL,
    poa_reason TEXT,
    certificate INTEGER REFERENCES certificate,
    agent_registered_on TEXT,
    PRIMARY KEY (application, position),
    UNIQUE (application, office_number)
) STRICT, WITHOUT ROWID;
CREATE INDEX application_office_by_number ON application_office (office_number);
CREATE INDEX application_office_by_certificate ON application_office (certificate);

CREATE TABLE application_event (
    application INTEGER NOT NULL REFERENCES application,
    step INTEGER NOT NULL,
    at TEXT NOT NULL,
    what TEXT NOT NULL,
    office TEXT,
    reason TEXT,
    PRIMARY KEY (application, step)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER application_event_is_never_changed BEFORE UPDATE ON application_event
BEGIN SELECT raise(ABORT, 'the history is append-only'); END;
CREATE TRIGGER application_event_is_never_removed BEFORE DELETE ON application_event
BEGIN SELECT raise(ABORT, 'the history is append-only'); END;

-- IDs that an application brought; `used` from the first sign-in on, after which its letters can be fetched no more.
ALTER TABLE login ADD COLUMN application INTEGER REFERENCES application;
ALTER TABLE login ADD COLUMN used INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1));
CREATE INDEX login_by_application ON login (application) WHERE application IS NOT NULL;
UPDATE login SET used = 1 WHERE NOT temporary OR id IN (SELECT login FROM family);

-- What an office uses and pays for. Months are `YYYY-MM`; an office that ended and came back has two rows.
CREATE TABLE contract (
    office INTEGER NOT NULL REFERENCES office,
    start_month TEXT NOT NULL,
    last_month TEXT,
    option_from TEXT,
    certificate INTEGER REFERENCES certificate,
    PRIMARY KEY (office, start_month)
) STRICT, WITHOUT ROWID;
CREATE INDEX contract_by_certificate ON contract (certificate);

-- Work by hand that costs, to be charged with the next run.
CREATE TABLE extra_fee (
    id INTEGER PRIMARY KEY,
    office INTEGER NOT NULL REFERENCES office,
    item TEXT NOT NULL CHECK (item IN ('password_by_hand', 'recovery')),
    month TEXT NOT NULL
) STRICT;

-- Fees that were charged; what stands here is never charged again.
CREATE TABLE fee_run (
    month TEXT PRIMARY KEY,
    debit_on TEXT NOT NULL,
    made_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE fee (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL REFERENCES fee_run,
    office INTEGER NOT NULL REFERENCES office,
    item TEXT NOT NULL,
    month TEXT NOT NULL,
    extra INTEGER UNIQUE REFERENCES extra_fee,
    yen INTEGER NOT NULL CHECK (yen >= 0)
) STRICT;
CREATE UNIQUE INDEX fee_is_charged_once ON fee (office, item, month) WHERE extra IS NULL;
CREATE INDEX fee_by_run ON fee (run);
CREATE TRIGGER fee_is_never_changed BEFORE UPDATE ON fee
BEGIN SELECT raise(ABORT, 'charged fees are append-only'); END;
CREATE TRIGGER fee_is_never_removed BEFORE DELETE ON fee
BEGIN SELECT raise(ABORT, 'charged fees are append-only'); END;
