-- What people wrote and ticked on the way to their first claim, page by page. The list only grows: the latest row of a
-- page counts.
CREATE TABLE onboarding_page (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL,
    body       TEXT NOT NULL CHECK (json_valid(body)),
    written_at TEXT NOT NULL
) STRICT;

CREATE INDEX onboarding_page_by_name ON onboarding_page (name, id);

CREATE TRIGGER onboarding_page_is_never_changed BEFORE UPDATE ON onboarding_page
BEGIN SELECT RAISE(ABORT, 'pages of the onboarding are never changed'); END;
CREATE TRIGGER onboarding_page_is_never_deleted BEFORE DELETE ON onboarding_page
BEGIN SELECT RAISE(ABORT, 'pages of the onboarding are never deleted'); END;
