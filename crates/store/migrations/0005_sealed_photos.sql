-- Photos of sealed 委任状, made before they were posted（features idea 12）. The list only grows: the latest photo of a paper
-- counts.
CREATE TABLE sealed_photo (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    application TEXT NOT NULL,
    office      TEXT NOT NULL,
    width       INTEGER NOT NULL CHECK (width > 0),
    height      INTEGER NOT NULL CHECK (height > 0),
    jpeg        BLOB NOT NULL,
    kept_at     TEXT NOT NULL
) STRICT;

CREATE INDEX sealed_photo_by_paper ON sealed_photo (application, office, id);

CREATE TRIGGER sealed_photo_is_never_changed BEFORE UPDATE ON sealed_photo
BEGIN SELECT RAISE(ABORT, 'photos of sealed papers are never changed'); END;
CREATE TRIGGER sealed_photo_is_never_deleted BEFORE DELETE ON sealed_photo
BEGIN SELECT RAISE(ABORT, 'photos of sealed papers are never deleted'); END;
