-- Migration 3: terminals, their leases and their signs of life.

CREATE TABLE terminal (
    id INTEGER PRIMARY KEY,
    client_id TEXT NOT NULL UNIQUE,
    secret_hash BLOB NOT NULL,
    -- It transmits for the offices of this certificate; without one, for the offices that have none.
    certificate INTEGER REFERENCES certificate,
    retired INTEGER NOT NULL DEFAULT 0 CHECK (retired IN (0, 1))
) STRICT;
CREATE TABLE terminal_token (
    hash BLOB PRIMARY KEY,
    terminal INTEGER NOT NULL REFERENCES terminal,
    ends INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX terminal_token_by_end ON terminal_token (ends);

-- Who transmits a submission. A lease that was not begun ends at `until`; a begun one stays with its terminal.
CREATE TABLE lease (
    submission INTEGER PRIMARY KEY REFERENCES submission,
    terminal INTEGER NOT NULL REFERENCES terminal,
    until INTEGER NOT NULL,
    begun INTEGER NOT NULL DEFAULT 0 CHECK (begun IN (0, 1))
) STRICT;
CREATE INDEX lease_by_terminal ON lease (terminal);

CREATE TABLE heartbeat (
    terminal INTEGER NOT NULL REFERENCES terminal,
    job TEXT NOT NULL CHECK (job IN ('send', 'cancel', 'status', 'documents')),
    at TEXT NOT NULL,
    PRIMARY KEY (terminal, job)
) STRICT, WITHOUT ROWID;

CREATE INDEX submission_to_cancel ON submission (state) WHERE state = 'cancel_requested';
