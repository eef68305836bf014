-- Migration 5: what is new for whom, so that clients need not ask again and again.

-- The newest change that an office's clients should see. Revisions ascend over all offices and relays.
CREATE TABLE news (
    office BIGINT PRIMARY KEY REFERENCES office,
    revision BIGINT NOT NULL
);
CREATE INDEX news_by_revision ON news (revision);
