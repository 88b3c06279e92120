-- The last position that was given to an event: without it, the position of a lost last event would be used again.
CREATE TABLE positions (only INTEGER PRIMARY KEY CHECK (only = 1), last INTEGER NOT NULL) STRICT;
INSERT INTO positions (only, last) VALUES (1, 0);

-- Events that were copied from another database, which keep the positions that they have there.
CREATE TABLE copied_workspaces (
    tenant TEXT PRIMARY KEY,
    live INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    removals INTEGER NOT NULL,
    skipped INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE write_checks (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    at TEXT NOT NULL,
    filler BLOB NOT NULL
) STRICT;

CREATE TRIGGER removals_are_not_replaced BEFORE INSERT ON removals
WHEN EXISTS (SELECT 1 FROM removals WHERE tenant = NEW.tenant AND hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'removals are never changed'); END;
