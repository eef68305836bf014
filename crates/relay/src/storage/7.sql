-- Migration 7: applications of one corporation that belong together, debit accounts, the history of a demonstration.

-- Row of the first application of the same corporation; the first one itself has none.
ALTER TABLE application ADD COLUMN joined INTEGER REFERENCES application;
CREATE INDEX application_by_joined ON application (joined) WHERE joined IS NOT NULL;

-- Where the fees of a corporation are debited: one account each（features C08）.
CREATE TABLE debit_account (
    corporation INTEGER PRIMARY KEY REFERENCES corporation,
    bank TEXT NOT NULL CHECK (length(bank) = 4),
    branch TEXT NOT NULL CHECK (length(branch) = 3),
    kind TEXT NOT NULL CHECK (kind IN ('ordinary', 'current')),
    number TEXT NOT NULL CHECK (length(number) = 7),
    holder TEXT NOT NULL
) STRICT;

-- Months of history that are still being played; 0 once the demonstration has begun.
ALTER TABLE demo ADD COLUMN history INTEGER NOT NULL DEFAULT 0;
