-- 地域区分 of each office from a service month on. The list only grows: a later row for the same month counts instead, and
-- one without a grade takes it back.
CREATE TABLE office_area (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    office     TEXT NOT NULL,
    from_month TEXT NOT NULL,
    area       TEXT,
    decided_at TEXT NOT NULL,
    decided_by TEXT NOT NULL
) STRICT;

CREATE TRIGGER office_area_is_never_changed BEFORE UPDATE ON office_area
BEGIN SELECT RAISE(ABORT, 'settings of the area are never changed'); END;
CREATE TRIGGER office_area_is_never_deleted BEFORE DELETE ON office_area
BEGIN SELECT RAISE(ABORT, 'settings of the area are never deleted'); END;
