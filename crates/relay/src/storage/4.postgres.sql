-- Migration 4: computers that somebody signed in on, second factors, one-time codes.

-- A computer on which somebody signed in: it may sign in again by itself until this ends or is taken from it.
CREATE TABLE device (
    hash BYTEA PRIMARY KEY,
    login BIGINT NOT NULL REFERENCES login,
    ends BIGINT NOT NULL
);
CREATE INDEX device_by_login ON device (login);
CREATE INDEX device_by_end ON device (ends);
ALTER TABLE family ADD COLUMN device BYTEA;

-- 2段階認証. Not in force before it is confirmed. `last_step` is the newest time step whose code was used.
CREATE TABLE second_factor (
    login BIGINT PRIMARY KEY REFERENCES login,
    secret BYTEA NOT NULL,
    confirmed BOOLEAN NOT NULL DEFAULT FALSE,
    last_step BIGINT NOT NULL DEFAULT 0
);
-- 予備コード; each is removed when it was used.
CREATE TABLE recovery_code (
    login BIGINT NOT NULL REFERENCES login,
    hash BYTEA NOT NULL,
    PRIMARY KEY (login, hash)
);

-- 使い捨てコード to set a new password with; one per ID, removed when it was used.
CREATE TABLE reset_code (
    login BIGINT PRIMARY KEY REFERENCES login,
    hash BYTEA NOT NULL,
    ends BIGINT NOT NULL,
    wrong BIGINT NOT NULL DEFAULT 0
);
