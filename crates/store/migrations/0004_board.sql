-- What people decided about the months of their offices: closed up to a stage, with the figures as they were then, or
-- opened again with a reason. The table only grows.
CREATE TABLE closing (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    office           TEXT NOT NULL,
    processing_month TEXT NOT NULL,
    kind             TEXT NOT NULL CHECK (kind IN ('claims', 'payment', 'reopen')),
    figures          TEXT NOT NULL CHECK (json_valid(figures)),
    reason           TEXT NOT NULL,
    decided_at       TEXT NOT NULL,
    decided_by       TEXT NOT NULL,
    -- Whoever opens a closed month says why.
    CHECK (kind <> 'reopen' OR reason <> '')
) STRICT;

CREATE TRIGGER closing_is_never_changed BEFORE UPDATE ON closing
BEGIN SELECT RAISE(ABORT, 'closings are never changed'); END;
CREATE TRIGGER closing_is_never_deleted BEFORE DELETE ON closing
BEGIN SELECT RAISE(ABORT, 'closings are never deleted'); END;

-- Balances as last settled, so that the board opens without reading the files again. Derived: whatever stands here may be
-- thrown away and is settled anew when `basis` no longer names what the office has on hand.
CREATE TABLE kept_balance (
    office TEXT PRIMARY KEY NOT NULL,
    basis  TEXT NOT NULL,
    bytes  BLOB NOT NULL
) STRICT;

-- Telling what an office has on hand counts its files.
CREATE INDEX notice_by_office ON notice (office);
CREATE INDEX claim_file_by_office ON claim_file (office);
