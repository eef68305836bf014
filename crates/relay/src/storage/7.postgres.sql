-- Migration 7: applications of one corporation that belong together, debit accounts, the history of a demonstration.

-- Row of the first application of the same corporation; the first one itself has none.
ALTER TABLE application ADD COLUMN joined BIGINT REFERENCES application;
CREATE INDEX application_by_joined ON application (joined) WHERE joined IS NOT NULL;

-- Where the fees of a corporation are debited: one account each（features C08）.
CREATE TABLE debit_account (
    corporation BIGINT PRIMARY KEY REFERENCES corporation,
    bank TEXT COLLATE "C" NOT NULL CHECK (length(bank) = 4),
    branch TEXT COLLATE "C" NOT NULL CHECK (length(branch) = 3),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('ordinary', 'current')),
    number TEXT COLLATE "C" NOT NULL CHECK (length(number) = 7),
    holder TEXT COLLATE "C" NOT NULL
);

-- Months of history that are still being played; 0 once the demonstration has begun.
ALTER TABLE demo ADD COLUMN history BIGINT NOT NULL DEFAULT 0;
