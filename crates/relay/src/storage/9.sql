-- Migration 9: お知らせ to all offices of a prefecture.

-- Whom a document is for where that is more than its office: the prefecture's two digits and eight asterisks（features N07）.
ALTER TABLE document ADD COLUMN audience TEXT;
