-- How often a person has decided to send the same bytes. A round after the first begins only when 国保連 has nothing of the
-- one before; until it is at the relay, `relay` still says how that one ended.
ALTER TABLE submission ADD COLUMN round INTEGER NOT NULL DEFAULT 1 CHECK (round >= 1);
