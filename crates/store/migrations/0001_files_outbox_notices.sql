-- Files are kept byte for byte and found by their content. `bytes` stands last, so that reading the other columns
-- does not touch the pages that hold it.
CREATE TABLE file (
    sha256   BLOB PRIMARY KEY NOT NULL CHECK (length(sha256) = 32),
    size     INTEGER NOT NULL CHECK (size = length(bytes)),
    added_at TEXT NOT NULL,
    bytes    BLOB NOT NULL
) STRICT;

CREATE TRIGGER file_is_never_changed BEFORE UPDATE ON file
BEGIN SELECT RAISE(ABORT, 'files are never changed'); END;
CREATE TRIGGER file_is_never_deleted BEFORE DELETE ON file
BEGIN SELECT RAISE(ABORT, 'files are never deleted'); END;

-- One row per process that ever sent something. The process holds a lock on a file named after the number for as long
-- as it lives; numbers are never used twice, so a free lock means that the process is gone.
CREATE TABLE session (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at TEXT NOT NULL
) STRICT;

-- The outbox and its history. The content is the key: the same file can be here only once.
CREATE TABLE submission (
    sha256           BLOB PRIMARY KEY NOT NULL REFERENCES file (sha256),
    file_name        TEXT NOT NULL,
    office           TEXT NOT NULL,
    processing_month TEXT NOT NULL,
    data_type        TEXT NOT NULL,
    claims           INTEGER NOT NULL CHECK (claims >= 0),
    yen              INTEGER NOT NULL,
    test             INTEGER NOT NULL CHECK (test IN (0, 1)),
    state            TEXT NOT NULL CHECK (state IN ('ready', 'sending', 'sent', 'refused')),
    session          INTEGER REFERENCES session (id),
    attempts         INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at  TEXT,
    problem_code     TEXT,
    problem_detail   TEXT,
    relay            TEXT CHECK (relay IS NULL OR json_valid(relay)),
    created_at       TEXT NOT NULL,
    updated_at       TEXT NOT NULL,
    hidden_at        TEXT,
    -- Whoever sends is known, and nobody holds what is not being sent.
    CHECK ((state = 'sending') = (session IS NOT NULL)),
    -- What is at the relay shows what the relay said of it.
    CHECK (state <> 'sent' OR relay IS NOT NULL),
    -- What is on its way cannot be put out of sight.
    CHECK (state <> 'sending' OR hidden_at IS NULL)
) STRICT;

CREATE INDEX submission_by_state ON submission (state) WHERE state <> 'sent';
CREATE INDEX submission_by_time ON submission (created_at);
CREATE INDEX submission_by_month ON submission (office, processing_month);

CREATE TRIGGER submission_is_never_deleted BEFORE DELETE ON submission
BEGIN SELECT RAISE(ABORT, 'submissions are hidden, never deleted'); END;

-- サービス提供年月 of each submission.
CREATE TABLE submission_month (
    sha256        BLOB NOT NULL REFERENCES submission (sha256),
    service_month TEXT NOT NULL,
    PRIMARY KEY (sha256, service_month)
) STRICT, WITHOUT ROWID;

-- Claim files that another program sent, imported from disk.
CREATE TABLE claim_file (
    sha256           BLOB PRIMARY KEY NOT NULL REFERENCES file (sha256),
    file_name        TEXT NOT NULL,
    office           TEXT NOT NULL,
    processing_month TEXT NOT NULL,
    imported_at      TEXT NOT NULL
) STRICT;

-- Notices and whatever else came from 国保連. `processing_month` is empty when the file does not say.
CREATE TABLE notice (
    sha256           BLOB PRIMARY KEY NOT NULL REFERENCES file (sha256),
    file_name        TEXT NOT NULL,
    exchange_id      TEXT NOT NULL,
    office           TEXT NOT NULL,
    processing_month TEXT,
    received_at      TEXT NOT NULL,
    origin           TEXT NOT NULL CHECK (origin IN ('relay', 'disk')),
    read_at          TEXT
) STRICT;

CREATE INDEX notice_by_time ON notice (received_at);
CREATE INDEX notice_unread ON notice (sha256) WHERE read_at IS NULL;

-- How far the documents of each relay account have been taken.
CREATE TABLE document_cursor (
    source   TEXT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0)
) STRICT;

-- What people decided about returned claims. The file only grows: taking something back is a decision of its own.
CREATE TABLE decision (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    case_key   TEXT NOT NULL,
    kind       TEXT NOT NULL,
    reason     TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    decided_by TEXT NOT NULL
) STRICT;

CREATE INDEX decision_by_case ON decision (case_key);

CREATE TRIGGER decision_is_never_changed BEFORE UPDATE ON decision
BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;
CREATE TRIGGER decision_is_never_deleted BEFORE DELETE ON decision
BEGIN SELECT RAISE(ABORT, 'decisions are never deleted'); END;

CREATE TABLE setting (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT;
