-- Migration 6: submissions that were taken off the list. Nothing of them is gone.
ALTER TABLE submission ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1));
