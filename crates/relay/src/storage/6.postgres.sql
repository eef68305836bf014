-- Migration 6: submissions that were taken off the list. Nothing of them is gone.
ALTER TABLE submission ADD COLUMN hidden BOOLEAN NOT NULL DEFAULT FALSE;
