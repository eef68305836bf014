-- Migration 1. Shipped migrations are never edited; a change is a new file.
-- Times: `*_at` TEXT is business time (RFC 3339, +09:00); INTEGER is real time in Unix seconds.

CREATE TABLE corporation (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
) STRICT;

-- An office belongs to one corporation only, so that no two can claim for it.
CREATE TABLE office (
    id INTEGER PRIMARY KEY,
    corporation INTEGER NOT NULL REFERENCES corporation,
    number TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
) STRICT;
CREATE INDEX office_by_corporation ON office (corporation);

CREATE TABLE login (
    id INTEGER PRIMARY KEY,
    corporation INTEGER NOT NULL REFERENCES corporation,
    login_id TEXT NOT NULL,
    office INTEGER REFERENCES office,
    password_hash TEXT NOT NULL,
    temporary INTEGER NOT NULL CHECK (temporary IN (0, 1)),
    UNIQUE (corporation, login_id)
) STRICT;
-- Exactly one 法人用ID per corporation.
CREATE UNIQUE INDEX one_corporation_login ON login (corporation) WHERE office IS NULL;

-- Wrong passwords per credential, known or not: what is kept is a hash of 法人番号 and ID.
CREATE TABLE attempt (
    credential BLOB PRIMARY KEY,
    wrong INTEGER NOT NULL,
    last INTEGER NOT NULL,
    locked_until INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_by_last ON attempt (last);

-- All tokens that go back to one sign-in.
CREATE TABLE family (
    id INTEGER PRIMARY KEY,
    login INTEGER NOT NULL REFERENCES login,
    ends INTEGER NOT NULL
) STRICT;
CREATE INDEX family_by_login ON family (login);
CREATE INDEX family_by_end ON family (ends);
CREATE TABLE access_token (
    hash BLOB PRIMARY KEY,
    family INTEGER NOT NULL REFERENCES family ON DELETE CASCADE,
    ends INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX access_token_by_family ON access_token (family);
CREATE TABLE refresh_token (
    hash BLOB PRIMARY KEY,
    family INTEGER NOT NULL REFERENCES family ON DELETE CASCADE,
    ends INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_token_by_family ON refresh_token (family);

-- Security events. No names, no passwords, no tokens, no addresses.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    event TEXT NOT NULL,
    corporation INTEGER,
    login INTEGER
) STRICT;

CREATE TABLE submission (
    id INTEGER PRIMARY KEY,
    corporation INTEGER NOT NULL REFERENCES corporation,
    office INTEGER NOT NULL REFERENCES office,
    sha256 TEXT NOT NULL,
    processing_month TEXT NOT NULL,
    -- データ種別 of the control record: `711`, `71R`, `822`.
    data_type TEXT NOT NULL,
    file_name TEXT NOT NULL,
    size INTEGER NOT NULL,
    -- Marked as a test in the file; known once the content is there.
    test INTEGER NOT NULL DEFAULT 0 CHECK (test IN (0, 1)),
    state TEXT NOT NULL,
    basic_code TEXT,
    accept_code TEXT UNIQUE,
    cancel_code TEXT UNIQUE,
    message TEXT,
    UNIQUE (corporation, sha256)
) STRICT;
CREATE INDEX submission_by_office ON submission (office, processing_month);
CREATE INDEX submission_to_send ON submission (state) WHERE state IN ('waiting', 'transmitting');
CREATE TABLE service_month (
    submission INTEGER NOT NULL REFERENCES submission,
    month TEXT NOT NULL,
    PRIMARY KEY (submission, month)
) STRICT, WITHOUT ROWID;
CREATE TABLE state_change (
    submission INTEGER NOT NULL REFERENCES submission,
    step INTEGER NOT NULL,
    state TEXT NOT NULL,
    basic_code TEXT,
    at TEXT NOT NULL,
    PRIMARY KEY (submission, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE document (
    corporation INTEGER NOT NULL REFERENCES corporation,
    id INTEGER NOT NULL,
    office INTEGER NOT NULL REFERENCES office,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    received_at TEXT NOT NULL,
    PRIMARY KEY (corporation, id),
    UNIQUE (office, sha256)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER document_is_never_changed BEFORE UPDATE ON document
BEGIN SELECT raise(ABORT, 'documents are append-only'); END;
CREATE TRIGGER document_is_never_removed BEFORE DELETE ON document
BEGIN SELECT raise(ABORT, 'documents are append-only'); END;
CREATE TRIGGER state_change_is_never_changed BEFORE UPDATE ON state_change
BEGIN SELECT raise(ABORT, 'the history is append-only'); END;
CREATE TRIGGER state_change_is_never_removed BEFORE DELETE ON state_change
BEGIN SELECT raise(ABORT, 'the history is append-only'); END;

-- Last contact of a terminal with 国保連; one row once there was one.
CREATE TABLE contact (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at TEXT NOT NULL
) STRICT;

-- The demonstration: its time and the simulated 国保連; one row, only in a demonstration.
CREATE TABLE demo (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    now TEXT NOT NULL,
    simulation BLOB
) STRICT;
-- What the simulated 国保連 calls a submission.
CREATE TABLE demo_reference (
    submission INTEGER PRIMARY KEY REFERENCES submission,
    reference INTEGER NOT NULL UNIQUE
) STRICT;
