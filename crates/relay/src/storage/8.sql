-- Migration 8: the same bytes again, after nothing of them was accepted.

-- Which round of its content a submission is. `UNIQUE (corporation, sha256)` stays, because a relay of the version before
-- inserts by it: the newest accepted round has the SHA-256 alone, every other one `‹SHA-256›#‹round›`.
ALTER TABLE submission ADD COLUMN round INTEGER NOT NULL DEFAULT 1 CHECK (round BETWEEN 1 AND 99);
