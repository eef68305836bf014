-- Migration 4: computers that somebody signed in on, second factors, one-time codes.

-- A computer on which somebody signed in: it may sign in again by itself until this ends or is taken from it.
CREATE TABLE device (
    hash BLOB PRIMARY KEY,
    login INTEGER NOT NULL REFERENCES login,
    ends INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX device_by_login ON device (login);
CREATE INDEX device_by_end ON device (ends);
ALTER TABLE family ADD COLUMN device BLOB;

-- 2段階認証. Not in force before it is confirmed. `last_step` is the newest time step whose code was used.
CREATE TABLE second_factor (
    login INTEGER PRIMARY KEY REFERENCES login,
    secret BLOB NOT NULL,
    confirmed INTEGER NOT NULL DEFAULT 0 CHECK (confirmed IN (0, 1)),
    last_step INTEGER NOT NULL DEFAULT 0
) STRICT;
-- 予備コード; each is removed when it was used.
CREATE TABLE recovery_code (
    login INTEGER NOT NULL REFERENCES login,
    hash BLOB NOT NULL,
    PRIMARY KEY (login, hash)
) STRICT, WITHOUT ROWID;

-- 使い捨てコード to set a new password with; one per ID, removed when it was used.
CREATE TABLE reset_code (
    login INTEGER PRIMARY KEY REFERENCES login,
    hash BLOB NOT NULL,
    ends INTEGER NOT NULL,
    wrong INTEGER NOT NULL DEFAULT 0
) STRICT;
